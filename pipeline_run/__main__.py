"""Run the command as `python -m pipeline_run`."""

from pipeline_run.program import program

program(prog_name="pipeline-run")
