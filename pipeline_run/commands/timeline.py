"""`pipeline-run timeline`."""

from __future__ import annotations

from pathlib import Path

import click

from pipeline_run import runs
from pipeline_run.connection import Connection, asks_aws, json_option
from pipeline_run.errors import WrongUse
from pipeline_run.output import remark, say_json
from pipeline_run.timeline import terminal
from pipeline_run.timeline.document import timeline_document
from pipeline_run.timeline.page import page
from pipeline_run.timeline.read_timeline import read_timeline


@click.command("timeline")
@click.argument("run", required=False)
@click.option("--html", "file", metavar="FILE", help="Write a page that needs nothing else.")
@click.option(
    "--target-profile", metavar="NAME", help="Profile of the target's account, to read its actions."
)
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
    """Show what happened when in RUN and in its target; the newest run without a name.

    \b
    pipeline-run timeline
    pipeline-run timeline 3f0c9a51 --html timeline.html
    pipeline-run timeline --json | jq '.rows[] | select(.kind == "action")'

    The outcome and the failure come first, then the stages and actions of the target, then what the
    run did: its steps, polls, waits, events, renewals and retries.
    """  # noqa: D301 - click's mark for a paragraph that keeps its lines
    found = read_timeline(connection, runs.named(connection, run), target_profile)
    if file:
        _write(file, page(found))
    if as_json:
        say_json(timeline_document(found))
    elif not file:
        terminal.show(found)


def _write(file: str, text: str) -> None:
    try:
        Path(file).write_text(text, encoding="utf-8")
    except OSError as error:
        raise WrongUse(
            f"--html: {file} cannot be written: {error.strerror}.", "Check the path."
        ) from error
    remark(f"Wrote {file}.")
