"""Controls how fast the world's time passes on screen."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_FRAME = 1 / 12  # real seconds
_LONGEST = 0.7  # the longest pause without a change on screen, in real seconds


class Pace:
    """Shows world time at `speed` seconds per real second.

    If `speed` is None, time passes as fast as possible. Long periods without changes are shortened.
    Computing time counts as display time, so the demonstration takes hardly any longer on a slow
    computer.
    """

    def __init__(
        self,
        speed: float | None,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._speed = speed
        self._clock = clock
        self._sleep = sleep
        self._due = clock()  # when the world's current time is due on screen

    def way(self, now: float, until: float) -> Iterator[float]:
        """Yield world times up to `until`, each when it is due on screen."""
        if self._speed is None:
            return
        span = min((until - now) / self._speed, _LONGEST)
        self._due += span
        while (left := self._due - self._clock()) > 0:
            yield until - min(left / span, 1.0) * (until - now) if span else until
            self._sleep(min(left, _FRAME))

    def hold(self, seconds: float) -> None:
        """Give the reader a few more seconds before the demonstration continues."""
        self._due += seconds
