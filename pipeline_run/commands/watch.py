"""`pipeline-run watch`."""

from __future__ import annotations

import click

from pipeline_run import runs
from pipeline_run.connection import Connection, asks_aws, json_option
from pipeline_run.follow import follow_to_the_end


@click.command("watch")
@click.argument("run", required=False)
@json_option
@asks_aws
def command(*, connection: Connection, run: str | None, as_json: bool) -> None:
    """Follow RUN to its end: its ARN, its name or the beginning of it; the newest without.

    \b
    pipeline-run watch
    pipeline-run watch 3f0c9a51

    The exit status is that of the outcome: docs/cli.md. Ctrl-C leaves the run going.
    """  # noqa: D301 - click's mark for a paragraph that keeps its lines
    follow_to_the_end(connection, runs.named(connection, run).arn, as_json=as_json)
