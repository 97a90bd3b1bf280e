"""The ``linkedin`` source: activities of sellers, from the exports of Sales Navigator's analytics."""
