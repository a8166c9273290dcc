"""The world's clock, driven by real time."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from codepipeline_sandbox.kernel.world import World

# A request waits at most this many seconds for the world, plus the time of one event.
_SLICE = 0.05
_IDLE = 0.5  # seconds between checks while nothing is due in the world


class Clock:
    """Advances the world `speed` times as fast as real time.

    If the world cannot keep up, it runs as fast as it can. If a request has already advanced the
    world, for example by waiting for a function, that time is not added again. The number of events
    is not limited, because a server may run for days and can be stopped at any time.
    """

    def __init__(
        self, world: World, speed: float, *, real: Callable[[], float] = time.monotonic
    ) -> None:
        self._world = world
        self._speed = speed
        self._real = real
        world.lift_bound()
        self._begin()

    def advance(self) -> float:
        """Run due events for a short time. Returns the seconds until the next one is due."""
        if self._world.now > self._present():
            self._begin()
        stop = self._real() + _SLICE
        while (due := self._world.next_time()) is not None and due <= self._present():
            if self._real() > stop:
                self._begin()
                return 0.0
            self._world.run(until=due)
        self._world.now = max(self._world.now, self._present())
        return self._until(due)

    def after(self, seconds: float, action: Callable[[], None]) -> None:
        """Schedule an action in world time."""
        self._world.after(seconds, action)

    def _begin(self) -> None:
        self._began = self._real(), self._world.now

    def _present(self) -> float:
        real, world = self._began
        return world + (self._real() - real) * self._speed

    def _until(self, due: float | None) -> float:
        if due is None:
            return _IDLE
        return min(max((due - self._world.now) / self._speed, 0.0), _IDLE)
