"""Serves the sandbox on a local port, for the AWS CLI and any SDK."""
