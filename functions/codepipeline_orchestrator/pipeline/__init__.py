"""What the target's pipeline shows: its executions, their progress, why they failed."""
