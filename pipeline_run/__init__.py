"""The command `pipeline-run`, for people."""
