"""How long to wait before the next poll of the target, or the next attempt to start it.

For a given number of polls, the mean delay in noticing the end is least when the rate of polls
follows the square root of the hazard of ending. Between two polls that are w apart, the end is
noticed w/2 late. With the hazard h an hour costs h * w/2 of delay and 1/w polls. If a poll is worth
c seconds of delay, the sum is least for w = sqrt(2c / h).
"""

from __future__ import annotations

import math

from codepipeline_orchestrator.polling.forecast import Forecast

SHORTEST_WAIT = 5.0  # seconds
LONGEST_WAIT = 900.0  # seconds that a forecast may ask for; what comes later is not foreseen so far
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
    seconds), `polls` how many polls there have been including this one, `poll_cost` how many
    seconds of delay one poll is worth. A wait never passes the deadline, and a run never polls more
    than 1,500 times in the first 24 hours and 2,400 times in all.
    """
    wait = max(SHORTEST_WAIT, _seconds_to_next_poll(forecast, poll_cost))
    if age < _FIRST_DAY:
        wait = max(wait, (polls - _AT_ONCE) * _APART - age)
    else:
        wait = max(_AFTER_THE_FIRST_DAY, wait, remaining / max(_POLLS - polls, 1))
    return max(1, math.ceil(min(wait, remaining)))


def _seconds_to_next_poll(forecast: Forecast, poll_cost: float) -> float:
    """Seconds until the rate of polls, sqrt(h / 2c), adds up to one; at most LONGEST_WAIT."""
    per_root = 1 / math.sqrt(2 * poll_cost * forecast.patience)
    polls, now, later = 0.0, 0.0, forecast.later_than(0.0)
    while now < LONGEST_WAIT:
        step = max(1.0, _COARSENESS * now)
        before, later = later, forecast.later_than(now + step)
        hazard = max(0.0, before - later) / before / step  # rounded, it may grow by a trifle
        more = math.sqrt(hazard) * per_root * step
        if polls + more >= 1:
            return now + step * (1 - polls) / more
        polls, now = polls + more, now + step
    return LONGEST_WAIT
