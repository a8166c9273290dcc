"""Simulates worlds in parallel processes."""

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
# Chunks of worlds per process. Memory use grows with each world, so processes are replaced
# regularly.
_CHUNKS = 8


class Wanted(NamedTuple):
    seed: int
    events: Events
    without: str  # the safeguard to switch off, or empty


def played(worlds: Sequence[Wanted], jobs: int) -> Iterator[Report]:
    # In Python 3.11, a ProcessPoolExecutor does not always replace its processes.
    # https://github.com/python/cpython/issues/115634
    with multiprocessing.Pool(jobs, initializer=_begin, maxtasksperchild=_CHUNKS) as pool:
        yield from pool.imap_unordered(play, worlds, chunksize=_CHUNK)


def play(wanted: Wanted, *, traced: bool = False) -> Report:
    with safeguards.off(wanted.without):
        spoil = safeguards.spoil(wanted.without)
        return simulate(wanted.seed, events=wanted.events, traced=traced, prepare=spoil)


def _begin() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent process handles the interrupt
    warm.up()
