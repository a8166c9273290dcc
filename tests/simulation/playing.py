"""Plays worlds, side by side in several processes."""

from __future__ import annotations

import multiprocessing
import signal
from typing import TYPE_CHECKING, NamedTuple

from tests.simulation import safeguards, warm
from tests.simulation.events import Events
from tests.simulation.simulation import Report, simulate

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_CHUNK = 8
_CHUNKS = 8  # played by a process, which grows from world to world and then gives way to a new one


class Wanted(NamedTuple):
    """A world that is to be played."""

    seed: int
    events: Events
    without: str  # a safeguard, or empty


def played(worlds: Sequence[Wanted], jobs: int) -> Iterator[Report]:
    """What came of them, as they come in."""
    # Not an executor's processes: with Python 3.11 those are not always replaced.
    # https://github.com/python/cpython/issues/115634
    with multiprocessing.Pool(jobs, initializer=_begin, maxtasksperchild=_CHUNKS) as pool:
        yield from pool.imap_unordered(play, worlds, chunksize=_CHUNK)


def play(wanted: Wanted, *, traced: bool = False) -> Report:
    """What came of one world, with its trace if asked for."""
    with safeguards.off(wanted.without):
        spoil = safeguards.spoil(wanted.without)
        return simulate(wanted.seed, events=wanted.events, traced=traced, prepare=spoil)


def _begin() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever waits for the worlds decides
    warm.up()
