"""How long to wait before the next look at the target."""

from __future__ import annotations

import math

CONFIRM_FAILED = 10  # seconds between the two looks that make a failure certain
_FIRST_DAY = 24 * 3600.0
_AFTER_THE_FIRST_DAY = 600.0
_POLLS = 2_400  # in all: the history of an execution holds 25,000 events, a poll costs 9


def wait_seconds(*, age: float, remaining: float, polls: int) -> int:
    """Whole seconds to wait, at least 1 when the deadline is that near, else at least 10.

    `age` is how long the run has been waiting, `remaining` how long until its deadline (both
    seconds), `polls` how many looks there have been. The wait grows with the age, so that the
    delay in noticing the end stays small beside the duration: 10 seconds at first, a minute after
    ten, two minutes after two hours. A wait never passes the deadline, and the looks never exceed
    1,500 in the first 24 hours and 2,400 in all, whatever the deadline.
    """
    if age < _FIRST_DAY:
        wait = max(10.0, min(age / 10, 60.0), min(age / 60, 120.0))
    else:
        wait = max(_AFTER_THE_FIRST_DAY, remaining / max(_POLLS - polls, 1))
    return max(1, math.ceil(min(wait, remaining)))
