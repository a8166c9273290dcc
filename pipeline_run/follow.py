"""Follows a run on behalf of a command, tells how it ended, and leaves with that status."""

from __future__ import annotations

from typing import Any

import click

from pipeline_run import following, screen
from pipeline_run.connection import Connection
from pipeline_run.exits import Exit, exit_of
from pipeline_run.runs import Run
from pipeline_run.surroundings import surroundings
from pipeline_run.telling import duration, remark, say, say_json


def follow_to_the_end(connection: Connection, run: str, *, as_json: bool) -> None:
    """Show the run (its ARN) until it ends, then how; the exit status is that of its outcome."""
    seen = screen.screen_for(as_json=as_json)
    around = surroundings()
    looks = following.looks(connection, run, around, with_stages=seen.shows_stages)
    try:
        last = seen.show(looks)
    except KeyboardInterrupt:
        name = run.rpartition(":")[2]
        remark(
            f"\nThe run goes on. Come back with: pipeline-run watch {name}\n"
            f"Stop it with: pipeline-run stop {name}"
        )
        raise click.exceptions.Exit(Exit.INTERRUPTED) from None
    result = last.run.result
    if as_json:
        say_json(document(last.run))
    else:
        tell(last.run, result)
    if "error" in result:
        remark(f"What happened when: pipeline-run timeline {last.run.name}")
    raise click.exceptions.Exit(exit_of(result))


def tell(run: Run, result: dict[str, Any]) -> None:
    """How the run ended, for people."""
    took = f" after {duration((run.stopped - run.started).total_seconds())}" if run.stopped else ""
    say(f"{result.get('outcome', 'Error')}{took}: {result.get('message', '')}")
    for name in ("link", "runLink"):
        if result.get(name):
            say(f"{'execution' if name == 'link' else 'run':>10}  {result[name]}")


def document(run: Run) -> dict[str, Any]:
    """A run for programs; `result` is there once it has ended."""
    shown: dict[str, Any] = {
        "run": run.arn,
        "name": run.name,
        "status": run.status,
        "startDate": run.started,
        "stopDate": run.stopped,
        "input": run.input,
    }
    return shown if run.goes_on else {**shown, "result": run.result}
