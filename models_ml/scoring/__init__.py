"""Scores of leads and opportunities: from a table of features to a probability, and the gates between."""
