"""Waits for the first of several promises, or until a given time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from codepipeline_sandbox.kernel.world import Promise, World

if TYPE_CHECKING:
    from collections.abc import Iterable


def first_of(world: World, promises: Iterable[Promise[Any]], *, until: float | None = None) -> None:
    """Wait until a promise is done or the time is reached (epoch seconds).

    The caller must check whether a promise is done, the time is reached, or both.
    """
    gate: Promise[None] = Promise()
    for promise in promises:
        promise.then(lambda: gate.resolve(None))
    alarm = None if until is None else world.at(until, lambda: gate.resolve(None))
    try:
        world.result_of(gate)
    finally:
        if alarm is not None:
            alarm.cancel()
