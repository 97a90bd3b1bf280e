"""Models: two wings that do not know each other, scoring and forecast, over metrics and the registry."""
