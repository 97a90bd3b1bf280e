"""The mapping engine: texts of any source into canonical columns, or into quarantine with a reason."""
