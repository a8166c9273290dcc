"""The least mean delay of any polling policy that knows the distribution of durations.

A poll that finds an execution going on tells nothing else, so a policy is a list of times. Seen
from a poll at t that found it going on, with F(t) the probability to have ended by t,

    W(t) = min over s > t of  price (1 - F(t)) + integral from t to s of (F(u) - F(t)) du + W(s)

is the least cost to come: a poll costs `price`, a second of delay 1, all weighed with the
probability that it comes about. With G the integral of F this is the least of the lines
G(s) + W(s) - s F(t); a convex hull finds it without trying every s for every t.
"""

from __future__ import annotations

import bisect
import math
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate, pairwise
from statistics import fmean

from benchmarks.waiting.durations import distribution, longest
from benchmarks.waiting.measured import Answered, Expected, Measured
from benchmarks.waiting.worlds import Pipeline, Wait

_FINEST, _RELATIVE = 1.0, 1 / 1_000  # between two times of a grid: seconds, share of the time
_CHEAPEST, _DEAREST, _STEPS = 0.01, 1_000.0, 16  # prices in seconds, and how often to halve


class Grid:
    """Times at which a policy may look, with F and G there."""

    def __init__(self, times: Sequence[float], ended: Sequence[float]) -> None:
        """`ended` is F at these times; by the last one everything has ended."""
        self.times = times
        self.ended = ended
        self.area = list(accumulate(map(_area, pairwise(times), pairwise(ended)), initial=0.0))


def _area(times: tuple[float, float], ended: tuple[float, float]) -> float:
    return (times[1] - times[0]) * (ended[0] + ended[1]) / 2


@lru_cache(maxsize=1_000)
def grid_of(pipeline: Pipeline) -> Grid:
    """The grid for the executions of a pipeline."""
    cdf, end = distribution(pipeline), longest(pipeline)
    times = [0.0]
    while times[-1] < end:
        times.append(times[-1] + max(_FINEST, times[-1] * _RELATIVE))
    return Grid(times, [*map(cdf, times[:-1]), 1.0])


@lru_cache(maxsize=1_000)
def looks_at(pipeline: Pipeline, price: float) -> list[int]:
    """The best places to look in the grid of a pipeline."""
    return best_looks(grid_of(pipeline), price)


def best_looks(grid: Grid, price: float) -> list[int]:
    """The best places in the grid to look, if a look costs as much as `price` seconds of delay."""
    following = _best_next(grid, price)
    looks, place = [], 0
    while place < len(following):
        place = following[place]
        looks.append(place)
    return looks


def expected(grid: Grid, looks: Sequence[int]) -> Expected:
    """What a policy on a grid comes to on average."""
    places = [0, *looks]
    delay = sum(
        grid.area[after]
        - grid.area[before]
        - grid.ended[before] * (grid.times[after] - grid.times[before])
        for before, after in pairwise(places)
    )
    return Expected(delay, sum(1 - grid.ended[place] for place in places[:-1]))


def _best_next(grid: Grid, price: float) -> list[int]:
    """For each place in the grid but the last, where to look next.

    From the end to the beginning the lines get less steep and F falls. So the lines on the hull are
    a stack, and the best one is never further down in it than the one before was.
    """
    times, ended = grid.times, grid.ended
    last = len(times) - 1
    height = [0.0] * last + [grid.area[last]]  # G(s) + W(s)
    following = [last] * last
    hull, best = [last], 0
    for place in range(last - 1, -1, -1):
        at = ended[place]
        best = min(best, len(hull) - 1)
        least = height[hull[best]] - times[hull[best]] * at
        while best + 1 < len(hull):
            other = height[hull[best + 1]] - times[hull[best + 1]] * at
            if other > least:
                break
            best, least = best + 1, other
        following[place] = hull[best]
        height[place] = price * (1 - at) + times[place] * at + least
        while len(hull) > 1 and _hides(times, height, hull[-2], hull[-1], place):
            hull.pop()
        hull.append(place)
    return following


def _hides(
    times: Sequence[float], height: Sequence[float], first: int, middle: int, last: int
) -> bool:
    """Whether the middle one of three lines is nowhere below both others."""
    over = (height[first] - height[middle]) * (times[middle] - times[last])
    under = (height[middle] - height[last]) * (times[first] - times[middle])
    return under >= over


def answered(wait: Wait, price: float) -> Answered:
    """What the best policy of this price makes of one wait."""
    grid = grid_of(wait.pipeline)
    looks = looks_at(wait.pipeline, price)
    poll = bisect.bisect_left(looks, wait.target.duration, key=lambda look: grid.times[look])
    delay = grid.times[looks[poll]] - wait.target.duration
    return Answered(delay, polls=poll + 1, failed=wait.target.failed)


def with_polls(waits: Sequence[Wait], polls: float) -> Measured:
    """What the best policy makes of these waits with so many polls for each on average.

    One price for all pipelines: so the polls go where they save most.
    """
    cheap, dear = _CHEAPEST, _DEAREST
    for _ in range(_STEPS):
        price = math.sqrt(cheap * dear)
        if on_average(waits, price).polls > polls:
            cheap = price
        else:
            dear = price
    return at_price(waits, dear)


def on_average(waits: Sequence[Wait], price: float) -> Expected:
    """The means over all durations that these pipelines could have had."""
    pipelines = [wait.pipeline for wait in waits]
    each = [expected(grid_of(one), looks_at(one, price)) for one in pipelines]
    return Expected(fmean(one.delay for one in each), fmean(one.polls for one in each))


def at_price(waits: Sequence[Wait], price: float) -> Measured:
    """What the best policy makes of these waits when a poll costs so many seconds of delay.

    A poll is one call; nothing is started, and nobody is answered.
    """
    means = on_average(waits, price)
    calls = Counter({("bound", "GetPipelineExecution"): round(means.polls * len(waits))})
    return Measured([answered(wait, price) for wait in waits], calls, expected=means)
