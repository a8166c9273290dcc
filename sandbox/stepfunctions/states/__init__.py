"""The types of states, one module each."""
