"""The command `pipeline-run show`."""

from __future__ import annotations

import json

import click

from codepipeline_orchestrator.text import cut
from pipeline_run.aws_clock import time_of
from pipeline_run.columns import say_paragraph
from pipeline_run.connection import Connection, asks_aws, json_option
from pipeline_run.environment import environment
from pipeline_run.output import age, duration, moment, remark, say, say_json
from pipeline_run.reason import reason
from pipeline_run.run_output import print_result, run_document, say_detail
from pipeline_run.run_search import named
from pipeline_run.runs import Run
from pipeline_run.snapshots import TimedSnapshot, newest_snapshot

_LONGEST_REASON = 300  # characters; the message has all of it
_LONGEST_INPUT = 2_000  # characters; --json prints all of it


@click.command("show")
@click.argument("run", required=False)
@json_option
@asks_aws
def command(*, connection: Connection, run: str | None, as_json: bool) -> None:
    """Show a run's input and its progress or result.

    RUN is a run's ARN, its name or the beginning of its name, the ID of its target execution or
    invoking execution, or a pipeline's name, which means its newest run. Default: the newest run.

    \b
    Examples:
      pipeline-run show 3f0c9a51
      pipeline-run show --json | jq .result.failure
    """  # noqa: D301 - \b keeps click from rewrapping a paragraph
    found = named(connection, run)
    newest = newest_snapshot(connection, found.arn) if found.goes_on else TimedSnapshot()
    if as_json:
        say_json(run_document(found, newest.snapshot))
        return
    say(f"Run {found.name} for pipeline {found.pipeline}")
    seconds = (time_of([found.described], environment()) - found.started).total_seconds()
    if why := reason(found):
        say_detail("reason", cut(why, _LONGEST_REASON))
    say_detail("caller", str(found.caller or "unknown"))
    say_detail("started", f"{moment(found.started)} ({age(seconds)} ago)")
    say_detail("input", cut(json.dumps(found.input), _LONGEST_INPUT))
    if found.goes_on:
        say_detail("running", duration(seconds))
        if newest.read_at:
            say_detail("as of", moment(newest.read_at))
        say_paragraph(newest.sentence())
        if newest.progress and newest.progress.approval:
            _remark_on_approval(connection, found)
    else:
        print_result(found)


def _remark_on_approval(connection: Connection, run: Run) -> None:
    words = run.name if run.targets_own_account else f"{run.name} --target-profile NAME"
    remark(f"Approve it with: {connection.command(f'approve {words}')}")
    again = connection.command(f'reject {words} --comment "..."')
    remark(f"Reject it with: {again}")
