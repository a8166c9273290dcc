"""The command `pipeline-run timeline`."""

from __future__ import annotations

from pathlib import Path

import click

from pipeline_run.connection import Connection, asks_aws, json_option, target_profile_option
from pipeline_run.errors import file_errors
from pipeline_run.output import remark, say_json
from pipeline_run.run_search import named
from pipeline_run.timeline import terminal
from pipeline_run.timeline.document import timeline_document
from pipeline_run.timeline.page import page
from pipeline_run.timeline.read_timeline import read_timeline


@click.command("timeline")
@click.argument("run", required=False)
@click.option("--html", "file", metavar="FILE", help="Write a self-contained HTML page.")
@target_profile_option("to read its actions")
@json_option
@asks_aws
def command(
    *,
    connection: Connection,
    run: str | None,
    file: str | None,
    target_profile: str | None,
    as_json: bool,
) -> None:
    """Show what happened in a run and its target, step by step.

    RUN is a run's name, an execution's ID or a pipeline's name. Default: the newest run.

    Shows the outcome and any failure, then the target's stages and actions, then the run's own
    steps, polls, waits, events, renewals and retries.

    \b
    Examples:
      pipeline-run timeline
      pipeline-run timeline 3f0c9a51 --html timeline.html
      pipeline-run timeline --json | jq '.rows[] | select(.kind == "action")'
    """  # noqa: D301 - \b keeps click from rewrapping a paragraph
    found = read_timeline(connection, named(connection, run), target_profile)
    if file:
        _write(file, page(found))
    if as_json:
        say_json(timeline_document(found))
    elif not file:
        terminal.show(found)


def _write(file: str, text: str) -> None:
    with file_errors(f"--html: cannot write {file}"):
        Path(file).write_text(text, encoding="utf-8")
    remark(f"Wrote {file}.")
