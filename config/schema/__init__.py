"""The shape of every YAML file, as frozen models in which an unknown key is an error."""
