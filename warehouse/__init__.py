"""The one door to the data: whoever opens, builds or publishes the warehouse does it from here."""
