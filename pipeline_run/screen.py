"""Show runs while they are followed: a picture on a terminal, lines or JSON elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Protocol

from rich.console import Console
from rich.live import Live

from pipeline_run.output import remark, say, say_json, time_since, zone
from pipeline_run.picture import picture
from pipeline_run.run_output import print_result, run_document
from pipeline_run.views import View

_Views = Iterable[Sequence[View]]


class Screen(Protocol):
    """Shows views of runs, one after another."""

    shows_stages: bool

    def show(self, views: _Views) -> Sequence[View]:
        """Show all views and how the runs ended. Return the last views."""


class JsonLines:
    """Prints a JSON document, on one line, for each change of a run."""

    shows_stages = False

    def show(self, views: _Views) -> Sequence[View]:
        """Print each run's document whenever it changes. The last one has a result."""
        printed: dict[str, Any] = {}
        for last in views:
            for view in last:
                document = run_document(view.run, view.snapshot.snapshot)
                if printed.get(view.run.arn) != document:
                    printed[view.run.arn] = document
                    say_json({"time": view.now, **document}, on_one_line=True)
        return last


class Lines:
    """Prints a line for each change, for logs and pipes."""

    shows_stages = False

    def show(self, views: _Views) -> Sequence[View]:
        """Print lines whenever something changes, and the result when a run ends."""
        printed: dict[str, list[str]] = {}
        for last in views:
            if not printed:
                remark(f"Times are in {zone(last[0].now)}.")
            for view in last:
                lines, earlier = list(_lines(view)), printed.get(view.run.arn, [])
                printed[view.run.arn] = lines
                name = f"{view.run.name}  " if last[1:] else ""
                for line in lines:
                    if line not in earlier:
                        say(f"{time_since(view.run.stopped or view.now, view.now)}  {name}{line}")
                if lines != earlier and not view.run.goes_on:
                    print_result(view.run)
        return last


def _lines(view: View) -> Iterator[str]:
    """The execution that the run follows, and its progress. Nothing more if the run has ended."""
    if not view.run.goes_on:
        yield "The run has ended."
        return
    snapshot = view.snapshot.snapshot
    if snapshot and snapshot.pipeline_execution_id:
        link = f": {snapshot.link}" if snapshot.link else ""
        yield f"Following {snapshot.target}, execution {snapshot.pipeline_execution_id}{link}"
    yield view.told(with_ages=False)


class Picture:
    """Draws the runs on a terminal and redraws them with each view. The last picture stays."""

    shows_stages = True

    def __init__(self, console: Console) -> None:
        self._console = console

    def show(self, views: _Views) -> Sequence[View]:
        """Draw all views, and print the results below the last picture."""
        with Live(console=self._console, auto_refresh=False) as live:
            for last in views:
                live.update(picture(last, *self._console.size), refresh=True)
        for view in last:
            say()
            print_result(view.run)
        return last


def screen_for(*, as_json: bool) -> Screen:
    """The right screen for a terminal, a log, or JSON."""
    if as_json:
        return JsonLines()
    console = Console(highlight=False)
    can_redraw = console.is_terminal and not console.is_dumb_terminal
    return Picture(console) if can_redraw else Lines()
