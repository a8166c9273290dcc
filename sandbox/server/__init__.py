"""The sandbox on a local port, for the AWS CLI and any SDK: `python -m sandbox.server`."""
