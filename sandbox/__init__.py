"""The embedded AWS. Everything runs in one process, without an AWS account. Never deployed."""
