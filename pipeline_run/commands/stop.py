"""`pipeline-run stop`."""

from __future__ import annotations

import click

from pipeline_run import runs
from pipeline_run.connection import Connection, asks_aws, json_option
from pipeline_run.errors import WrongUse, aws_refusals
from pipeline_run.output import say, say_json

_LONGEST_REASON = 32_768  # characters; a limit of the StopExecution API


@click.command("stop")
@click.argument("run")
@click.option("--reason", metavar="TEXT", help="Why, for whoever finds the run stopped.")
@json_option
@asks_aws
def command(*, connection: Connection, run: str, reason: str | None, as_json: bool) -> None:
    """Stop RUN. Its target goes on, unless onAbort in the run's input says otherwise.

    \b
    pipeline-run stop 3f0c9a51 --reason "wrong branch"

    An action that asked for the run fails.
    """  # noqa: D301 - click's mark for a paragraph that keeps its lines
    if reason and len(reason) > _LONGEST_REASON:
        raise WrongUse(f"--reason: at most {_LONGEST_REASON:,} characters.", "Say less.")
    found = runs.named(connection, run)
    if not found.goes_on:
        raise WrongUse(
            f"The run {found.name} has ended already: {found.status}.",
            f"See how: pipeline-run show {found.name}",
        )
    with aws_refusals("stop the run"):
        connection.stepfunctions.stop_execution(
            executionArn=found.arn, error="Stopped", **({"cause": reason} if reason else {})
        )
    if as_json:
        say_json({"run": found.arn, "name": found.name, "status": "ABORTED"})
    else:
        say(f"Stopped the run {found.name}. {found.left()}")
