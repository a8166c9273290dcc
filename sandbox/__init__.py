"""The embedded AWS: everything runs on one machine, without an account. Never deployed."""
