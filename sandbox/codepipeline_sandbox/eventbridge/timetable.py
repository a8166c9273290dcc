"""The next firing of each schedule, as one event in the world's queue."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from codepipeline_sandbox.eventbridge.schedule_expressions import NextFiring
    from codepipeline_sandbox.kernel.world import Event, World


class Timetable:
    """The scheduled firings, by key."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._next: dict[str, Event] = {}

    def arm(
        self,
        key: str,
        next_after: NextFiring,
        fire: Callable[[float], None],
        *,
        immediately: bool = False,
    ) -> None:
        """Call `fire` at each time in the series. Replaces any series with the same key.

        If `immediately` is true, the series also fires now.
        """
        self.disarm(key)
        time = self._world.now if immediately else next_after(self._world.now)
        if time is None:
            return

        def happen() -> None:
            self.arm(key, next_after, fire)
            fire(time)

        # A background event, so that a recurring schedule does not keep the world running forever.
        self._next[key] = self._world.at(time, happen, background=True)

    def disarm(self, key: str) -> None:
        """Remove the series under this key."""
        if key in self._next:
            self._next.pop(key).cancel()
