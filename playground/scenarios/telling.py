"""Prints what happens in a play, one line at a time, with an extra line for each new day."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from playground.chronicle import line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playground.scenarios.play import Play


class Teller:
    """Yields each entry of a play once."""

    def __init__(self, play: Play) -> None:
        self._play = play
        self._told = 0
        self._day = _day(play.began)

    def news(self) -> Iterator[str]:
        """Return the lines since the last call."""
        new = self._play.entries[self._told :]
        self._told += len(new)
        for entry in new:
            if _day(entry.time) != self._day:
                self._day = _day(entry.time)
                yield self._day
            yield line(entry)


def _day(time: float) -> str:
    return f"{datetime.fromtimestamp(time, UTC):%Y-%m-%d, %A}"
