"""How long to wait before the next look at the target.

The mean delay in noticing the end, for a given number of looks, is least when the rate of looks
follows the square root of the hazard of ending: between two looks that are w apart the end is
noticed w/2 late, so that with the hazard h an hour costs h * w/2 of delay and 1/w looks, and with a
look worth c seconds of delay the sum is least for w = sqrt(2c / h).
"""

from __future__ import annotations

import math

from codepipeline_orchestrator.polling.forecast import Forecast

SHORTEST = 5.0  # seconds
LONGEST = 900.0  # seconds that a forecast may ask for; what comes later is not foreseen so far
_FIRST_DAY = 24 * 3600.0
_AFTER_THE_FIRST_DAY = 600.0
_POLLS = 2_400  # in all: the history of an execution holds 25,000 events, a poll costs 9
_AT_ONCE = 150  # polls of the first day that may come as fast as they want
_APART = 64.0  # seconds between the others, on average: 1,500 in 24 hours
_COARSENESS = 0.03  # of the integral's steps


def wait_seconds(
    forecast: Forecast, *, age: float, remaining: float, polls: int, poll_cost: float
) -> int:
    """Whole seconds to wait, at least 1 when the deadline is that near, else at least 5.

    `age` is how long the run has been waiting, `remaining` how long until its deadline (both
    seconds), `polls` how many looks there have been with this one, `poll_cost` how many seconds of
    delay one look is worth. A wait never passes the deadline, and the looks never exceed 1,500 in
    the first 24 hours and 2,400 in all, whatever the forecast and the deadline.
    """
    wait = max(SHORTEST, _next_look(forecast, poll_cost))
    if age < _FIRST_DAY:
        wait = max(wait, (polls - _AT_ONCE) * _APART - age)
    else:
        wait = max(_AFTER_THE_FIRST_DAY, wait, remaining / max(_POLLS - polls, 1))
    return max(1, math.ceil(min(wait, remaining)))


def _next_look(forecast: Forecast, poll_cost: float) -> float:
    """Seconds until the rate of looks, sqrt(h / 2c), has added up to one look; at most LONGEST."""
    per_root = 1 / math.sqrt(2 * poll_cost * forecast.patience)
    looks, now, later = 0.0, 0.0, forecast.later_than(0.0)
    while now < LONGEST:
        step = max(1.0, _COARSENESS * now)
        before, later = later, forecast.later_than(now + step)
        hazard = max(0.0, before - later) / before / step  # rounded, it may grow by a trifle
        more = math.sqrt(hazard) * per_root * step
        if looks + more >= 1:
            return now + step * (1 - looks) / more
        looks, now = looks + more, now + step
    return LONGEST
