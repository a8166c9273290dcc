"""What whoever follows a run sees: a picture on a terminal, lines elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from rich.columns import Columns
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from pipeline_run.following import Look
from pipeline_run.telling import clean, duration, say

_BAR = 40  # columns


class Screen(Protocol):
    """Shows one look after the other."""

    shows_stages: bool

    def show(self, looks: Iterable[Look]) -> Look:
        """Show them all; the last one."""


class Silence:
    """Shows nothing: the result alone is wanted."""

    shows_stages = False

    def show(self, looks: Iterable[Look]) -> Look:
        """The last look."""
        *_, last = looks
        return last


class Lines:
    """A line for each change, with the run's age; for logs and pipes."""

    shows_stages = False

    def show(self, looks: Iterable[Look]) -> Look:
        """Print what has changed."""
        told = ""
        for last in looks:
            sentence = last.snapshot.sentence()
            if last.run.goes_on and sentence != told:
                say(f"{duration(last.elapsed):>8}  {sentence}")
                told = sentence
        return last


class Picture:
    """Drawn anew with each look; for terminals."""

    shows_stages = True

    def __init__(self, console: Console) -> None:
        self._console = console

    def show(self, looks: Iterable[Look]) -> Look:
        """Draw them."""
        with Live(console=self._console, auto_refresh=False, transient=True) as live:
            for last in looks:
                live.update(picture(last), refresh=True)
        return last


def picture(look: Look) -> RenderableType:
    """The run, its target, where that stands, and how far it is."""
    table = Table.grid(padding=(0, 2))
    snapshot = look.snapshot.snapshot
    rows = {
        "run": look.run.name,
        "pipeline": snapshot.target if snapshot else look.run.pipeline,
        "execution": snapshot.pipeline_execution_id if snapshot else None,
        "stages": "  ".join(map(str, look.stages)),
        "stands": look.snapshot.short(),
        "elapsed": _elapsed(look),
        "link": snapshot.link if snapshot else None,
    }
    for name, value in rows.items():
        if value:
            table.add_row(Text(name, style="dim"), Text(clean(str(value)), overflow="fold"))
    percent = look.snapshot.percent(look.now)
    table.add_row(Text("progress", style="dim"), _bar(percent))
    return Group(table, Text("Ctrl-C leaves the run going.", style="dim"))


def _bar(percent: int | None) -> RenderableType:
    """How far the target is; a bar that only moves while that is not known."""
    bar = ProgressBar(total=100, completed=percent or 0, width=_BAR, pulse=percent is None)
    return bar if percent is None else Columns([bar, Text(f"{percent}%")])


def _elapsed(look: Look) -> str:
    typical = look.snapshot.typical_seconds
    usual = f"; the target usually takes {duration(typical)}" if typical else ""
    return f"{duration(look.elapsed)}{usual}"


def screen_for(*, as_json: bool) -> Screen:
    """What fits where the output goes."""
    console = Console()
    if as_json:
        return Silence()
    return Picture(console) if console.is_terminal else Lines()
