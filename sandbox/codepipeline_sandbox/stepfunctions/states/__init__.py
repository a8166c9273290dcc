"""The types of states, one module per type."""
