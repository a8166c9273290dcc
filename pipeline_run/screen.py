"""Show the progress of a run: a live display on a terminal, lines elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from rich.columns import Columns
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from pipeline_run.output import duration, one_line, say
from pipeline_run.views import View

_BAR = 40  # width in columns


class Screen(Protocol):
    """Shows views of a run, one after another."""

    shows_stages: bool

    def show(self, views: Iterable[View]) -> View:
        """Show all views and return the last one."""


class Silence:
    """Shows nothing, for --json."""

    shows_stages = False

    def show(self, views: Iterable[View]) -> View:
        """Return the last view."""
        *_, last = views
        return last


class Lines:
    """Prints a line for each change, for logs and pipes."""

    shows_stages = False

    def show(self, views: Iterable[View]) -> View:
        """Print a line with the elapsed time whenever something changes."""
        told = ""
        for last in views:
            sentence = last.snapshot.sentence()
            if last.run.goes_on and sentence != told:
                say(f"{duration(last.elapsed):>8}  {sentence}")
                told = sentence
        return last


class Picture:
    """Draws a live display on a terminal and updates it with each view."""

    shows_stages = True

    def __init__(self, console: Console) -> None:
        self._console = console

    def show(self, views: Iterable[View]) -> View:
        """Draw each view."""
        with Live(console=self._console, auto_refresh=False, transient=True) as live:
            for last in views:
                live.update(run_picture(last), refresh=True)
        return last


def run_picture(view: View) -> RenderableType:
    """The run, its target, and the target's progress."""
    table = Table.grid(padding=(0, 2))
    snapshot = view.snapshot.snapshot
    rows = {
        "run": view.run.name,
        "pipeline": snapshot.target if snapshot else view.run.pipeline,
        "execution": snapshot.pipeline_execution_id if snapshot else None,
        "stages": "  ".join(map(str, view.stages)),
        "progress": view.snapshot.short(),
        "elapsed": _elapsed(view),
        "link": snapshot.link if snapshot else None,
    }
    for name, value in rows.items():
        if value:
            table.add_row(Text(name, style="dim"), Text(one_line(str(value)), overflow="fold"))
    percent = view.snapshot.percent(view.now)
    table.add_row(Text("complete", style="dim"), _bar(percent))
    return Group(table, Text("Press Ctrl-C to stop watching. The run continues.", style="dim"))


def _bar(percent: int | None) -> RenderableType:
    """A progress bar for the target, indeterminate if the progress is unknown."""
    bar = ProgressBar(total=100, completed=percent or 0, width=_BAR, pulse=percent is None)
    return bar if percent is None else Columns([bar, Text(f"{percent}%")])


def _elapsed(view: View) -> str:
    typical = view.snapshot.typical_seconds
    usual = f" (the target usually takes {duration(typical)})" if typical else ""
    return f"{duration(view.elapsed)}{usual}"


def screen_for(*, as_json: bool) -> Screen:
    """The right screen for a terminal, a log, or JSON."""
    console = Console()
    if as_json:
        return Silence()
    return Picture(console) if console.is_terminal else Lines()
