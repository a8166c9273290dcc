"""Simulate worlds in parallel processes."""

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
_CHUNKS = 8  # per process; its memory grows with each world, so a new process then replaces it


class Wanted(NamedTuple):
    """The parameters of a world."""

    seed: int
    events: Events
    without: str  # a safeguard to switch off, or empty


def played(worlds: Sequence[Wanted], jobs: int) -> Iterator[Report]:
    """Yield the reports of the worlds as they finish."""
    # Not a ProcessPoolExecutor, which does not always replace its processes in Python 3.11.
    # https://github.com/python/cpython/issues/115634
    with multiprocessing.Pool(jobs, initializer=_begin, maxtasksperchild=_CHUNKS) as pool:
        yield from pool.imap_unordered(play, worlds, chunksize=_CHUNK)


def play(wanted: Wanted, *, traced: bool = False) -> Report:
    """Simulate one world."""
    with safeguards.off(wanted.without):
        spoil = safeguards.spoil(wanted.without)
        return simulate(wanted.seed, events=wanted.events, traced=traced, prepare=spoil)


def _begin() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # handled by the parent process
    warm.up()
