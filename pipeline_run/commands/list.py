"""The command `pipeline-run list`."""

from __future__ import annotations

import click

from pipeline_run import deployment, runs
from pipeline_run.choice import ChoiceWithHint
from pipeline_run.connection import Connection, asks_aws, json_option
from pipeline_run.environment import environment
from pipeline_run.output import duration, moment, say, say_json
from pipeline_run.run_output import run_document
from pipeline_run.runs import Run

_STATUSES = ("RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED", "PENDING_REDRIVE")
_MOST = 100  # describing each run takes one API call


@click.command("list")
@click.option(
    "--status",
    type=ChoiceWithHint(_STATUSES, case_sensitive=False),
    help="List only runs with this status.",
)
@click.option(
    "--limit",
    type=click.IntRange(1, _MOST),
    default=10,
    show_default=True,
    help="Maximum number of runs to list.",
)
@json_option
@asks_aws
def command(*, connection: Connection, status: str | None, limit: int, as_json: bool) -> None:
    """List the newest runs.

    \b
    Example:
      pipeline-run list --status FAILED --limit 5
    """  # noqa: D301 - \b keeps click from rewrapping a paragraph
    found = runs.newest_runs(connection, deployment.find(connection), most=limit, status=status)
    shown = [runs.read(connection, each["executionArn"]) for each in found]
    if as_json:
        say_json([run_document(run) for run in shown])
    elif not shown:
        say("No runs found.")
    for run in shown if not as_json else ():
        say(_line(run))


def _line(run: Run) -> str:
    ended = run.stopped or environment().now()
    took = duration((ended - run.started).total_seconds())
    outcome = run.status if run.goes_on else str(run.result.get("outcome", run.status))
    return f"{run.name}  {outcome:<10}  {moment(run.started)}  {took:>8}  {run.pipeline}"
