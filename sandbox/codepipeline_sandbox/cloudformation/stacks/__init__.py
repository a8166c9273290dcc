"""How stacks are created, changed and deleted."""
