"""The data that travels between the states of a run."""
