"""What an administrator edits: YAML first, then the typed schema that reads it and the errors that explain it."""
