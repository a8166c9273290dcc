"""What travels between the states of a run, and what it is made of."""
