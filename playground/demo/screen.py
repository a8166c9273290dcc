"""Shows the demonstration on a terminal as a live display, followed by a report."""

from __future__ import annotations

import time
from collections import deque
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.live import Live
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from playground.chronicle import Entry, clock, line, short
from playground.demo.pictures import Pictures

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from playground.demo.board import Board
    from playground.demo.report import Message

_STYLES = {"begins": "cyan", "good": "green", "bad": "red", "said": ""}
_LATEST = 6
_OTHER_ROWS = 22  # the number of rows that are not entries, including the longest summary
_FRAME = 1 / 12  # seconds


class Screen:
    """An audience that watches the demonstration on a terminal."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._pictures = Pictures(console)
        self._said = ""
        self._drawn = 0.0
        self._latest: deque[Entry] = deque(maxlen=_LATEST)
        # Only `show` redraws the picture, so that everything runs in one thread.
        self._live = Live(console=console, auto_refresh=False, transient=True)

    def tell(self, one: Entry) -> None:
        """Add the entry to the next picture, unless the board already shows it."""
        if one.tone != "said" or one.headline:
            self._latest.append(one)

    def say(self, text: str) -> None:
        """Add the text to the next picture."""
        self._said = text

    def show(self, now: float, board: Board, summary: str) -> None:
        """Redraw the picture, unless that would be too soon after the last one."""
        present = time.monotonic()
        if present < self._drawn + _FRAME:
            return
        self._drawn = present
        self._live.start()
        self._live.update(self._picture(now, board, summary), refresh=True)

    def report(self, entries: Sequence[Entry], messages: Sequence[Message]) -> None:
        """Print the timeline and the messages."""
        self.close()
        self._console.print()
        self._console.print("[bold]Timeline[/bold] (sandbox time, UTC)")
        self._console.print(_table(entries))
        self._console.print()
        self._console.print(
            "[bold]Actions as CodePipeline shows them, and runs as Step Functions shows them[/bold]"
        )
        for message in messages:
            self._console.print()
            self._console.print(Text(message.title, style="cyan"))
            self._console.print(_texts(message))

    def end(self, text: str, *, good: bool) -> None:
        """Print the verdict."""
        self.close()
        self._console.print()
        self._console.print(Text(text, style="bold green" if good else "bold red"))

    def close(self) -> None:
        """Remove the picture."""
        self._live.stop()

    def _picture(self, now: float, board: Board, summary: str) -> RenderableType:
        moment = f"{datetime.fromtimestamp(now, UTC):%A %H:%M:%S} UTC"
        return Group(
            Text(),
            Text(self._said, style="bold"),
            Text(moment, style="dim"),
            Padding(self._pictures.pipelines(board), (1, 0, 0, 0)),
            Padding(self._pictures.runs(board, now), (1, 0, 0, 0)),
            Padding(Text(short(summary), style="italic"), (1, 0, 0, 0)),
            Text(),
            *self._news(),
        )

    def _news(self) -> list[Text]:
        room = max(self._console.height - _OTHER_ROWS, 0)
        return [
            self._pictures.shortened(line(one), _STYLES[one.tone])
            for one in list(self._latest)[-room:]
            if room
        ]


def _table(entries: Sequence[Entry]) -> Table:
    table = Table(box=None, pad_edge=False)
    for column in ("time", "account", "pipeline or run"):
        table.add_column(column, no_wrap=True, header_style="dim")
    table.add_column("what", overflow="fold", header_style="dim")
    for one in entries:
        what = Text(short(one.what), style=_STYLES[one.tone])
        table.add_row(clock(one.time), one.account, one.who, what)
    return table


def _texts(message: Message) -> Padding:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    for label, text in message.texts:
        grid.add_row(label, Text(text))
    return Padding(grid, (0, 0, 0, 2))
