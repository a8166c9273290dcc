"""The messages about a run that people read."""
