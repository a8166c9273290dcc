"""Build a timeline from a run's history and its target's action executions."""
