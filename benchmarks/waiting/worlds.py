"""The waits that every policy is measured on, drawn from fixed seeds.

Wait number n of a world does not depend on how many waits are requested.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from random import Random

WAITS = 250
MEDIAN_MINUTES, SIGMA = 12.0, 0.8  # median and sigma of the usual durations of the pipelines
STAGES = ("Build", "Test", "Staging", "Production")  # Each stage has one action.
VARIATION = 0.15  # sigma of a stage's duration, relative to its mean
FAILING = 0.15  # the share of executions that fail, at the end of one of the four actions
EARLIER = 20  # the number of earlier executions of each target
SOURCE, SOURCE_SECONDS = "Source", 3.0
APPROVAL = "Approve"  # the stage before the last one
PERSON_MEDIAN, PERSON_SIGMA, PERSON_MOST = 3 * 3600.0, 0.8, 20 * 3600.0  # seconds


@dataclass(frozen=True)
class World:
    """The settings of a world."""

    name: str
    earlier: int
    approvals: bool  # whether half of the waits include an approval


WORLDS = {
    world.name: world
    for world in (
        World("history", EARLIER, approvals=False),
        World("no-history", 0, approvals=False),
        World("approvals", EARLIER, approvals=True),
    )
}


@dataclass(frozen=True)
class Pipeline:
    """The mean duration of each stage in seconds, and whether the pipeline has an approval."""

    means: tuple[float, ...]
    approval: bool

    @property
    def stages(self) -> tuple[str, ...]:
        """List the names of the stages, in order."""
        person = (APPROVAL,) if self.approval else ()
        return (SOURCE, *STAGES[:-1], *person, STAGES[-1])


@dataclass(frozen=True)
class Passage:
    """One execution of a pipeline: the stages that ran, and the seconds that each took."""

    steps: tuple[tuple[str, float], ...]
    failed: bool  # whether the execution failed in the last of these stages

    @cached_property
    def duration(self) -> float:
        """Seconds from the start to the end."""
        return math.fsum(seconds for _, seconds in self.steps)


@dataclass(frozen=True)
class Wait:
    """A target pipeline with its earlier executions, and the execution to wait for."""

    number: int
    pipeline: Pipeline
    earlier: tuple[Passage, ...]
    target: Passage


def waits_of(world: str, count: int = WAITS, *, first: int = 0) -> Sequence[Wait]:
    """Draw the waits of a world, from number `first` to number `count` - 1."""
    return [_wait(WORLDS[world], number) for number in range(first, count)]


def _wait(world: World, number: int) -> Wait:
    # The worlds `history` and `no-history` have the same pipelines and targets.
    seed = "approvals" if world.approvals else "plain"
    random = Random(f"{seed} {number}")  # noqa: S311 - repeatable on purpose
    pipeline = _pipeline(random, approval=world.approvals and number % 2 == 0)
    target = passage(random, pipeline)
    earlier = tuple(passage(random, pipeline) for _ in range(world.earlier))
    return Wait(number, pipeline, earlier, target)


def _pipeline(random: Random, *, approval: bool) -> Pipeline:
    usual = 60 * MEDIAN_MINUTES * math.exp(random.gauss(0, SIGMA))
    shares = [random.uniform(0.5, 1.5) for _ in STAGES]
    return Pipeline(tuple(usual * share / sum(shares) for share in shares), approval)


def passage(random: Random, pipeline: Pipeline) -> Passage:
    """Draw one execution of a pipeline."""
    fails_at = random.randrange(len(STAGES)) if random.random() < FAILING else None
    steps = [(SOURCE, SOURCE_SECONDS)]
    for place, (stage, mean) in enumerate(zip(STAGES, pipeline.means, strict=True)):
        if pipeline.approval and stage == STAGES[-1]:
            steps.append((APPROVAL, person(random)))
        steps.append((stage, mean * _around_one(random)))
        if place == fails_at:
            return Passage(tuple(steps), failed=True)
    return Passage(tuple(steps), failed=False)


def _around_one(random: Random) -> float:
    while (factor := random.gauss(1, VARIATION)) <= 0:
        pass
    return factor


def person(random: Random) -> float:
    """Draw the seconds until an approval. A limit keeps the wait within a day."""
    while (seconds := PERSON_MEDIAN * math.exp(random.gauss(0, PERSON_SIGMA))) > PERSON_MOST:
        pass
    return seconds
