"""The data that a run's states pass to each other."""
