"""How fast the world's time passes before somebody's eyes."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_FRAME = 1 / 12  # seconds, real
_LONGEST = 0.7  # seconds, real, in which nothing happens


class Pace:
    """`speed` seconds of the world in a second; `None` is as fast as possible.

    A long time in which nothing happens is shortened. What the computer needs for the work
    itself is part of the time, so a slow computer shows the same in hardly more time.
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
        self._due = clock()  # when the world's present is to be shown

    def way(self, now: float, until: float) -> Iterator[float]:
        """Moments of the world on the way to `until`, each when it is time to show it."""
        if self._speed is None:
            return
        span = min((until - now) / self._speed, _LONGEST)
        self._due += span
        while (left := self._due - self._clock()) > 0:
            yield until - min(left / span, 1.0) * (until - now) if span else until
            self._sleep(min(left, _FRAME))

    def hold(self, seconds: float) -> None:
        """Give the reader some seconds more before the world goes on."""
        self._due += seconds
