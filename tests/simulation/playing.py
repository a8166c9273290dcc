"""Plays worlds, side by side in several processes."""

from __future__ import annotations

import multiprocessing
import signal
from concurrent.futures import ProcessPoolExecutor, as_completed
from typing import TYPE_CHECKING, NamedTuple

from tests.simulation import safeguards, warm
from tests.simulation.simulation import Report, simulate

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_CHUNK = 8
_CHUNKS = 16  # played by a process, which grows from world to world and then gives way to a new one


class Wanted(NamedTuple):
    """A world that is to be played."""

    seed: int
    lease: bool
    without: str  # a safeguard, or empty


def played(worlds: Sequence[Wanted], jobs: int) -> Iterator[Report]:
    """What came of them, as they come in."""
    chunks = [worlds[at : at + _CHUNK] for at in range(0, len(worlds), _CHUNK)]
    pool = ProcessPoolExecutor(
        jobs,
        mp_context=multiprocessing.get_context("spawn"),  # forked ones cannot be replaced
        initializer=_begin,
        max_tasks_per_child=_CHUNKS,
    )
    try:
        for future in as_completed([pool.submit(_play, chunk) for chunk in chunks]):
            yield from future.result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)  # there are some if nobody wants the rest


def play(wanted: Wanted, *, traced: bool = False) -> Report:
    """What came of one world, with its trace if asked for."""
    with safeguards.off(wanted.without):
        spoil = safeguards.spoil(wanted.without)
        return simulate(wanted.seed, lease=wanted.lease, traced=traced, prepare=spoil)


def _begin() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever waits for the worlds decides
    warm.up()


def _play(chunk: Sequence[Wanted]) -> list[Report]:
    return [play(wanted) for wanted in chunk]
