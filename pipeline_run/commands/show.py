"""The command `pipeline-run show`."""

from __future__ import annotations

import json

import click

from codepipeline_orchestrator.model.documents import to_document
from pipeline_run import runs, snapshots
from pipeline_run.connection import Connection, asks_aws, json_option
from pipeline_run.environment import environment
from pipeline_run.output import duration, moment, say, say_json
from pipeline_run.run_output import print_result, run_document


@click.command("show")
@click.argument("run", required=False)
@json_option
@asks_aws
def command(*, connection: Connection, run: str | None, as_json: bool) -> None:
    """Show a run's input and its progress or result.

    RUN is a run's ARN, its name, or the beginning of its name. Default: the newest run.

    \b
    Examples:
      pipeline-run show 3f0c9a51
      pipeline-run show --json | jq .result.failure
    """  # noqa: D301 - \b keeps click from rewrapping a paragraph
    found = runs.named(connection, run)
    if as_json:
        snapshot = (
            snapshots.newest_snapshot(connection, found.arn).snapshot if found.goes_on else None
        )
        say_json(
            {**run_document(found), **({"snapshot": to_document(snapshot)} if snapshot else {})}
        )
        return
    say(f"Run {found.name} for pipeline {found.pipeline}")
    say(f"{'input':>10}  {json.dumps(found.input)}")
    say(f"{'started':>10}  {moment(found.started)}")
    if found.goes_on:
        age = (environment().now() - found.started).total_seconds()
        say(f"{'running':>10}  {duration(age)}")
        say(snapshots.newest_snapshot(connection, found.arn).sentence())
    else:
        print_result(found)
