"""Plays policies on worlds, on all processors."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from statistics import fmean

from benchmarks.waiting import bound, orchestrator, peers
from benchmarks.waiting.figures import BOUND, OURS, hours
from benchmarks.waiting.measured import Measured, together
from benchmarks.waiting.worlds import Wait, waits_of

POLICIES = (OURS, *peers.PEERS, BOUND)
CURVE_PRICES = tuple(2.0**power for power in range(-8, 7))  # seconds of delay for a poll

Results = dict[str, Measured]  # by policy


def play(worlds: Sequence[str], count: int, jobs: int) -> Iterator[tuple[str, Results]]:
    """What every policy does on the first so many waits of each world."""
    with ProcessPoolExecutor(jobs) as pool:
        ours = {world: _begin(pool, world, count) for world in worlds}
        bounds = {}
        for world, parts in ours.items():
            followed = together(part.result() for part in parts)
            polls = fmean(answer.polls for answer in followed.answers)
            bounds[world] = followed, pool.submit(_bound, world, count, polls)
        for world, (followed, least) in bounds.items():
            others = {peer: peers.play(peer, waits_of(world, count)) for peer in peers.PEERS}
            yield world, {OURS: followed, **others, BOUND: least.result()}


def curve_figures(world: str, count: int) -> list[dict[str, float]]:
    """The bound at several prices of a poll, cheapest first; a poll is one call."""
    waits = waits_of(world, count)
    return [_at_price(price, waits) for price in CURVE_PRICES]


def _at_price(price: float, waits: Sequence[Wait]) -> dict[str, float]:
    means = bound.on_average(waits, price)
    return {
        "price_s": price,
        "polls_per_wait": round(means.polls, 2),
        "calls_per_hour": round(means.polls * len(waits) / hours(waits), 2),
        "mean_delay_s": round(means.delay, 2),
    }


def _begin(pool: ProcessPoolExecutor, world: str, count: int) -> list[Future[Measured]]:
    """Let the product wait. How waits are grouped depends on nothing but their numbers."""
    begins = range(0, count, orchestrator.TOGETHER)
    return [pool.submit(_follow, world, begin, count) for begin in begins]


def _follow(world: str, begin: int, count: int) -> Measured:
    gc.freeze()  # what the imports have made is there to stay,
    gc.set_threshold(100_000, 50, 50)  # and a world is thrown away as a whole
    end = min(begin + orchestrator.TOGETHER, count)
    return orchestrator.follow(waits_of(world, end, first=begin), seed=begin)


def _bound(world: str, count: int, polls: float) -> Measured:
    return bound.with_polls(waits_of(world, count), polls)
