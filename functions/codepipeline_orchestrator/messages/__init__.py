"""The messages that people read about a run."""
