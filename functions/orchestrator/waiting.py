"""How long to wait before the next look at the target."""

from __future__ import annotations

import math

SHORTEST = 5.0  # seconds
CONFIRM_FAILED = 10  # seconds between the two looks that make a failure certain
_LONGEST_ON_THE_FIRST_DAY = 60.0
_FIRST_DAY = 24 * 3600.0
_POLLS = 2_400  # in all: the history of an execution holds 25,000 events, a poll costs 9
_SHARE_OF_AGE = 0.1


def wait_seconds(*, age: float, remaining: float, polls: int) -> int:
    """Whole seconds to wait, at least 1 when the deadline is that near, else at least 5.

    `age` is how long the run has been waiting, `remaining` how long until its deadline (both
    seconds), `polls` how many looks there have been. The wait grows with the age, so that the
    delay in noticing the end stays about a tenth of the duration: 10 seconds at first, a minute
    after ten. A wait never passes the deadline, and the looks never exceed 1,500 in the first
    24 hours and 2,400 in all, whatever the deadline.
    """
    policy = min(max(age * _SHARE_OF_AGE, 10.0), _LONGEST_ON_THE_FIRST_DAY)
    if age >= _FIRST_DAY:
        policy = 600.0
    spread_over_the_rest = remaining / max(_POLLS - polls, 1) if age >= _FIRST_DAY else 0.0
    wait = max(policy, spread_over_the_rest, SHORTEST)
    return max(1, math.ceil(min(wait, remaining)))
