"""Messages about a run, written for people."""
