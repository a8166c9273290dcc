"""The command `pipeline-run stop`."""

from __future__ import annotations

import click

from pipeline_run.connection import Connection, asks_aws, json_option
from pipeline_run.errors import WrongUse, aws_refusals
from pipeline_run.output import say, say_json
from pipeline_run.run_search import named

_LONGEST_REASON = 32_768  # characters; a limit of the StopExecution API


@click.command("stop")
@click.argument("run")
@click.option("--reason", metavar="TEXT", help="Reason to record with the stopped run.")
@json_option
@asks_aws
def command(*, connection: Connection, run: str, reason: str | None, as_json: bool) -> None:
    """Stop a run. Its target continues unless the run's input sets onAbort.

    RUN is a run's ARN, its name or the beginning of its name, the ID of its target execution or
    invoking execution, or a pipeline's name, which means its newest run. If a pipeline action
    started the run, the action fails.

    \b
    Example:
      pipeline-run stop 3f0c9a51 --reason "wrong branch"
    """  # noqa: D301 - \b keeps click from rewrapping a paragraph
    if reason and len(reason) > _LONGEST_REASON:
        raise WrongUse(f"--reason: longer than {_LONGEST_REASON:,} characters.", "Shorten it.")
    found = named(connection, run)
    if not found.goes_on:
        raise WrongUse(
            f"Run {found.name} has already ended: {found.outcome}.",
            f"See its result with: {connection.command(f'show {found.name}')}",
        )
    with aws_refusals("stop the run"):
        connection.stepfunctions.stop_execution(
            executionArn=found.arn, error="Stopped", **({"cause": reason} if reason else {})
        )
    if as_json:
        say_json({"run": found.arn, "name": found.name, "status": "ABORTED"})
    else:
        say(f"Stopped run {found.name}. {found.left()}")
