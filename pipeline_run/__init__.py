"""The `pipeline-run` command-line tool."""
