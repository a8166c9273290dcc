"""Reads the target pipeline: its executions, their progress, and why they failed."""
