"""Simulates the world that a seed describes, with its faults, and checks all promises."""

from __future__ import annotations

import time
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from codepipeline_sandbox.cloud import Cloud
from tests.simulation import coverage, invariants, trace, weather, worlds
from tests.simulation.events import Events, faults
from tests.simulation.scene import SimulatedWorld
from tests.simulation.sites import Point


@dataclass(frozen=True)
class Report:
    seed: int
    events: Events
    violations: list[str]
    seconds: float  # CPU time
    strikes: Counter[Point] = field(default_factory=Counter)
    reached: frozenset[tuple[str, str]] = (
        frozenset()
    )  # pairs of a function and an operation that it has called
    trace: list[str] = field(default_factory=list)

    def replay(self, without: str = "") -> str:
        spoiled = f" WITHOUT={without}" if without else ""
        return f"make soak SEED={self.seed} EVENTS={self.events}{spoiled}"


def simulate(
    seed: int,
    *,
    events: Events,
    traced: bool = False,
    prepare: Callable[[SimulatedWorld], None] = lambda _: None,
) -> Report:
    """Simulate one world. `prepare` can change the world before it starts."""
    begun = time.process_time()
    with Cloud(seed=seed) as cloud:
        world = worlds.make(cloud, seed, events=events, bent_by=weather.aims(seed))
        cloud.faults.add(*faults(events), *weather.faults(seed))
        prepare(world)
        violations = _played(world)
        return Report(
            seed,
            events,
            violations,
            seconds=time.process_time() - begun,
            strikes=coverage.strikes(cloud),
            reached=frozenset(world.observer.reached),
            trace=trace.lines(world) if traced else [],
        )


def _played(world: SimulatedWorld) -> list[str]:
    """Run the world and return its violations. Exceptions count as violations."""
    try:
        worlds.play(world)
        return invariants.violations(world)
    except Exception:  # noqa: BLE001 - any error must be reported with its seed
        return [f"bug: {traceback.format_exc()[-2000:]}"]
