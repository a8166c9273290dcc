"""Play policies on the waits of worlds, in parallel processes."""

from __future__ import annotations

import gc
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from statistics import fmean

from benchmarks.waiting import bound, orchestrator, peers
from benchmarks.waiting.figures import BOUND
from benchmarks.waiting.measured import Measured, together
from benchmarks.waiting.products import POLLS, PRODUCTS
from benchmarks.waiting.worlds import waits_of
from codepipeline_sandbox.cloud import Cloud

POLICIES = (*PRODUCTS, *peers.PEERS, BOUND)

Results = dict[str, Measured]  # by policy
_Parts = list[Future[Measured]]


def policies_of(world: str, asked: Collection[str] = POLICIES) -> list[str]:
    """List the requested policies that are measured in a world, in table order."""
    known = [name for name in POLICIES if name not in PRODUCTS or world in PRODUCTS[name].worlds]
    return [name for name in known if name in asked]


def play(
    worlds: Sequence[str], policies: Collection[str], count: int, jobs: int
) -> Iterator[tuple[str, Results]]:
    """Play these policies on the first `count` waits of each world.

    To play the bound, the policy `orchestrator-polls` is played too, because the bound makes as
    many polls as that policy.
    """
    with ProcessPoolExecutor(jobs, initializer=_warm_up) as pool:
        begun = [(world, _begin_world(pool, world, policies, count)) for world in worlds]
        for world, parts in begun:
            yield world, _played(pool, world, policies, count, parts)


def _begin_world(
    pool: ProcessPoolExecutor, world: str, policies: Collection[str], count: int
) -> dict[str, _Parts]:
    """Start the product's rows, slowest first so that no processor is idle at the end."""
    asked = {*policies, POLLS.name} if BOUND in policies else policies
    names = [name for name in policies_of(world, asked) if name in PRODUCTS]
    return {
        name: _begin(pool, name, world, count)
        for name in sorted(names, key=lambda name: PRODUCTS[name].events)
    }


def _played(
    pool: ProcessPoolExecutor,
    world: str,
    policies: Collection[str],
    count: int,
    parts: dict[str, _Parts],
) -> Results:
    found = {name: together(part.result() for part in each) for name, each in parts.items()}
    if BOUND in policies:
        polls = fmean(answer.polls for answer in found[POLLS.name].answers)
        least = pool.submit(_bound, world, count, polls)
    for peer in policies_of(world, policies):
        if peer in peers.PEERS:
            found[peer] = peers.play(peer, waits_of(world, count))
    if BOUND in policies:
        found[BOUND] = least.result()
    return {name: found[name] for name in policies_of(world, policies)}


def _begin(pool: ProcessPoolExecutor, name: str, world: str, count: int) -> _Parts:
    begins = range(0, count, orchestrator.TOGETHER)
    return [pool.submit(_follow, name, world, begin, count) for begin in begins]


def _follow(name: str, world: str, begin: int, count: int) -> Measured:
    gc.collect()  # frees the memory of the previous world
    end = min(begin + orchestrator.TOGETHER, count)
    return orchestrator.follow(PRODUCTS[name], waits_of(world, end, first=begin), seed=begin)


def _warm_up() -> None:
    with Cloud():
        pass
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 50)


def _bound(world: str, count: int, polls: float) -> Measured:
    return bound.with_polls(waits_of(world, count), polls)
