"""Check a deployment and a target without starting anything."""
