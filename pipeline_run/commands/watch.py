"""The command `pipeline-run watch`."""

from __future__ import annotations

import click

from pipeline_run.connection import Connection, asks_aws, json_option
from pipeline_run.exits import HELP
from pipeline_run.follow import follow_to_the_end
from pipeline_run.run_search import named


@click.command("watch", epilog=HELP)
@click.argument("run", required=False)
@json_option
@asks_aws
def command(*, connection: Connection, run: str | None, as_json: bool) -> None:
    """Follow a run to the end.

    RUN is a run's name, an execution's ID or a pipeline's name. Default: the newest run. After
    Ctrl-C, the run continues.

    \b
    Examples:
      pipeline-run watch
      pipeline-run watch 3f0c9a51
    """  # noqa: D301 - \b keeps click from rewrapping a paragraph
    follow_to_the_end(connection, named(connection, run).arn, as_json=as_json)
