"""Follow runs to the end and exit with the status for their outcomes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Never

import click

from pipeline_run.connection import Connection
from pipeline_run.environment import environment
from pipeline_run.errors import CommandError
from pipeline_run.exits import Exit, exit_of
from pipeline_run.notify import notify
from pipeline_run.output import duration, remark
from pipeline_run.screen import screen_for
from pipeline_run.views import View, views_of_runs

notify_option = click.option(
    "--notify",
    "notifies",
    is_flag=True,
    help="At the end, ring the terminal's bell and show a desktop notification if the terminal "
    "supports it.",
)


def follow_to_the_end(
    connection: Connection, runs: Sequence[str], *, notifies: bool, as_json: bool
) -> Never:
    """Show the runs until they end, with their results. Exit with the highest of their statuses."""
    screen = screen_for(as_json=as_json)
    views = views_of_runs(connection, runs, environment(), with_stages=screen.shows_stages)
    names = [run.rpartition(":")[2] for run in runs]
    again = connection.command(f"watch {' '.join(names)}")
    try:
        last = screen.show(views)
    except KeyboardInterrupt:
        remark()  # ends the line on which the terminal shows ^C
        remark(f"{_subject(names)}. To follow again: {again}")
        stop = connection.command(f"stop {'RUN' if names[1:] else names[0]}")
        remark(f"To stop: {stop}")
        raise click.exceptions.Exit(Exit.INTERRUPTED) from None
    except CommandError:
        if notifies:
            notify("could not follow the runs to the end")
        remark(f"To follow again: {again}")
        raise
    failed = [view.run.name for view in last if "error" in view.run.result]
    for name in failed:
        remark(f"See what happened with: {connection.command(f'timeline {name}')}")
    if notifies:
        notify(_summary(last))
    raise click.exceptions.Exit(max(exit_of(view.run.result) for view in last))


def _subject(names: Sequence[str]) -> str:
    return "The runs continue" if names[1:] else "The run continues"


def _summary(views: Sequence[View]) -> str:
    return ", ".join(
        f"{view.run.pipeline} {view.run.outcome} after {duration(view.elapsed)}" for view in views
    )
