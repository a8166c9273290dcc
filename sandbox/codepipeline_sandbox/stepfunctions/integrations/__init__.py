"""The kinds of Resource that a Task can have."""
