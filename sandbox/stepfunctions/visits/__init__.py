"""What a run gives to the state that it visits."""
