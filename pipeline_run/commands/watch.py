"""The command `pipeline-run watch`."""

from __future__ import annotations

from collections.abc import Sequence

import click

from pipeline_run import deployment
from pipeline_run.connection import Connection, asks_aws, json_option
from pipeline_run.errors import CommandError, WrongUse
from pipeline_run.exits import HELP
from pipeline_run.follow import follow_to_the_end, notify_option
from pipeline_run.run_search import RunReader, named

_MOST = 20  # runs; each is read every 20 seconds then


@click.command("watch", epilog=HELP)
@click.argument("runs", metavar="[RUN]...", nargs=-1)
@click.option(
    "--all",
    "all_running",
    is_flag=True,
    help=f"Follow all runs in progress, at most the newest {_MOST}.",
)
@notify_option
@json_option
@asks_aws
def command(
    *,
    connection: Connection,
    runs: Sequence[str],
    all_running: bool,
    notifies: bool,
    as_json: bool,
) -> None:
    """Follow one or more runs to the end.

    RUN is a run's name, an execution's ID or a pipeline's name. Default: the newest run. With
    several runs, exits with the highest of their statuses. After Ctrl-C, the runs continue.

    \b
    Examples:
      pipeline-run watch
      pipeline-run watch 3f0c9a51
      pipeline-run watch deploy-shop deploy-web --notify
      pipeline-run watch --all
    """  # noqa: D301 - \b keeps click from rewrapping a paragraph
    if all_running and runs:
        raise WrongUse("--all: cannot be combined with RUN.", "Use one or the other.")
    found = _running(connection) if all_running else [named(connection, each).arn for each in runs]
    if all_running and not found:
        raise CommandError("No runs are in progress.", "See `pipeline-run list`.")
    unique = list(dict.fromkeys(found or [named(connection).arn]))
    follow_to_the_end(connection, unique, notifies=notifies, as_json=as_json)


def _running(connection: Connection) -> list[str]:
    listed = RunReader(connection, deployment.find(connection)).newest(_MOST, "RUNNING")
    return [each["executionArn"] for each in listed]
