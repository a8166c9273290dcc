"""Compute the exact distribution of a pipeline's durations in a world.

The duration of each stage is normally distributed, and so is the sum of several durations. Negative
values are drawn again, but they are negligibly rare: 0 is 6.7 standard deviations below the mean.
To add the time until an approval, the distribution of the sum is divided into slices of equal
probability.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from statistics import NormalDist

from benchmarks.waiting.worlds import (
    FAILING,
    PERSON_MEDIAN,
    PERSON_MOST,
    PERSON_SIGMA,
    SOURCE_SECONDS,
    VARIATION,
    Pipeline,
)

_SLICES = 10
_PERSON = NormalDist(math.log(PERSON_MEDIAN), PERSON_SIGMA)
_BEFORE_MOST = _PERSON.cdf(math.log(PERSON_MOST))

Cdf = Callable[[float], float]


def distribution(pipeline: Pipeline) -> Cdf:
    """Compute the probability that an execution has ended this many seconds after its start."""
    parts = list(_parts(pipeline))
    return lambda time: math.fsum(share * cdf(time) for share, cdf in parts)


def longest(pipeline: Pipeline) -> float:
    """Compute a number of seconds within which practically all executions end."""
    sums = list(_sums(pipeline))
    person = PERSON_MOST if pipeline.approval else 0.0
    return sums[-1].mean + 6 * sums[-1].stdev + person


def _parts(pipeline: Pipeline) -> Iterator[tuple[float, Cdf]]:
    sums = list(_sums(pipeline))
    for place, total in enumerate(sums):
        is_last = place == len(sums) - 1
        share = FAILING / len(sums) + (1 - FAILING if is_last else 0.0)
        yield share, _with_a_person(total) if is_last and pipeline.approval else total.cdf


def _sums(pipeline: Pipeline) -> Iterator[NormalDist]:
    total = NormalDist(SOURCE_SECONDS, 0.0)
    for mean in pipeline.means:
        total += NormalDist(mean, VARIATION * mean)
        yield total


def _with_a_person(stages: NormalDist) -> Cdf:
    slices = [stages.inv_cdf((each + 0.5) / _SLICES) for each in range(_SLICES)]
    return lambda time: math.fsum(_person(time - each) for each in slices) / _SLICES


def _person(time: float) -> float:
    """The probability that the approval was given by this time (see `worlds.person`)."""
    if time <= 0:
        return 0.0
    return min(1.0, _PERSON.cdf(math.log(time)) / _BEFORE_MOST)
