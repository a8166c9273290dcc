"""The command `make sandbox`, which serves a scenario."""
