"""Compute the lowest mean delay of any polling policy that knows the distribution of durations.

A poll shows only whether the execution is still in progress, so a policy is a list of poll times.
F(t) is the probability that the execution has ended by t. After a poll at t that found it in
progress, the minimum remaining cost is

    W(t) = min over s > t of  price (1 - F(t)) + integral from t to s of (F(u) - F(t)) du + W(s)

A poll costs `price`, and a second of delay costs 1. Both are weighted by their probability. With G
as the integral of F, this is the minimum over the lines G(s) + W(s) - s F(t). A convex hull finds
it without trying every s for every t.
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

# The grid step at time t is at least this many seconds and at least this share of t.
_FINEST, _RELATIVE = 1.0, 1 / 1_000
_CHEAPEST, _DEAREST, _STEPS = 0.01, 1_000.0, 16  # price range in seconds, and number of bisections


class Grid:
    """The times at which a policy may poll, with the values of F and G."""

    def __init__(self, times: Sequence[float], ended: Sequence[float]) -> None:
        """Create a grid. `ended` is F at each time, and must be 1 at the last."""
        self.times = times
        self.ended = ended
        self.area = list(accumulate(map(_area, pairwise(times), pairwise(ended)), initial=0.0))


def _area(times: tuple[float, float], ended: tuple[float, float]) -> float:
    return (times[1] - times[0]) * (ended[0] + ended[1]) / 2


@lru_cache(maxsize=1_000)
def grid_of(pipeline: Pipeline) -> Grid:
    """Make the grid for the executions of a pipeline."""
    cdf, end = distribution(pipeline), longest(pipeline)
    times = [0.0]
    while times[-1] < end:
        times.append(times[-1] + max(_FINEST, times[-1] * _RELATIVE))
    return Grid(times, [*map(cdf, times[:-1]), 1.0])


@lru_cache(maxsize=1_000)
def looks_at(pipeline: Pipeline, price: float) -> list[int]:
    """Find the best times to poll a pipeline, as indexes into its grid."""
    return best_looks(grid_of(pipeline), price)


def best_looks(grid: Grid, price: float) -> list[int]:
    """Find the best indexes to poll at if a poll costs as much as `price` seconds of delay."""
    following = _best_next(grid, price)
    looks, place = [], 0
    while place < len(following):
        place = following[place]
        looks.append(place)
    return looks


def expected(grid: Grid, looks: Sequence[int]) -> Expected:
    """Compute the mean delay and the mean number of polls of a policy on a grid."""
    places = [0, *looks]
    delay = sum(
        grid.area[after]
        - grid.area[before]
        - grid.ended[before] * (grid.times[after] - grid.times[before])
        for before, after in pairwise(places)
    )
    return Expected(delay, sum(1 - grid.ended[place] for place in places[:-1]))


def _best_next(grid: Grid, price: float) -> list[int]:
    """The index of the best next poll, for each index except the last.

    Going backward, the lines become less steep and F falls. The lines on the hull therefore form a
    stack, and the best line never moves further down the stack.
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
    over = (height[first] - height[middle]) * (times[middle] - times[last])
    under = (height[middle] - height[last]) * (times[first] - times[middle])
    return under >= over


def answered(wait: Wait, price: float) -> Answered:
    """Compute the result of the best policy at this price for one wait."""
    grid = grid_of(wait.pipeline)
    looks = looks_at(wait.pipeline, price)
    poll = bisect.bisect_left(looks, wait.target.duration, key=lambda look: grid.times[look])
    delay = grid.times[looks[poll]] - wait.target.duration
    return Answered(delay, polls=poll + 1, failed=wait.target.failed)


def with_polls(waits: Sequence[Wait], polls: float) -> Measured:
    """Compute the results of the best policy with this mean number of polls per wait.

    All pipelines share one price, so polls are spent where they reduce the delay most.
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
    """Compute the means over all possible durations of these pipelines."""
    pipelines = [wait.pipeline for wait in waits]
    each = [expected(grid_of(one), looks_at(one, price)) for one in pipelines]
    return Expected(fmean(one.delay for one in each), fmean(one.polls for one in each))


def at_price(waits: Sequence[Wait], price: float) -> Measured:
    """Compute the results of the best policy if a poll costs this many seconds of delay.

    Each poll is one AWS call. Calls that start a target or answer a job are not included.
    """
    means = on_average(waits, price)
    calls = Counter({("bound", "GetPipelineExecution"): round(means.polls * len(waits))})
    return Measured([answered(wait, price) for wait in waits], calls, expected=means)
