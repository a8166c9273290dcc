"""`python -m cli`: the same as `pipeline-run`."""

from cli.program import program

program(prog_name="pipeline-run")
