"""What a run provides to the state that it is visiting."""
