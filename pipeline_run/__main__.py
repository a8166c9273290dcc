"""`python -m pipeline_run`: the same as `pipeline-run`."""

from pipeline_run.program import program

program(prog_name="pipeline-run")
