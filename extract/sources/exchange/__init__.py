"""The ``exchange`` source: who wrote to whom and who met whom, from Microsoft Graph v1.0. Metadata, never a body."""
