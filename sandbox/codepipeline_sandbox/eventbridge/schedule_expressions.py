"""The expressions of schedules and of scheduled rules: `rate(...)`, `cron(...)` and `at(...)`.

https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from math import floor
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from codepipeline_sandbox.eventbridge import cron
from codepipeline_sandbox.eventbridge.cron import InvalidSchedule

_UNITS = {"minute": 60, "hour": 60 * 60, "day": 24 * 60 * 60}

# Returns the next firing after a time (epoch seconds), or None if there is none.
NextFiring = Callable[[float], float | None]


def parse(expression: str, timezone: str = "UTC", *, start: float = 0.0) -> NextFiring:
    """Build a function that returns the next firing. A rate counts from `start` (epoch seconds).

    Raises InvalidSchedule, which names the expression or time zone that EventBridge refuses.
    """
    kind, opening, rest = expression.partition("(")
    if not opening or not rest.endswith(")"):
        raise InvalidSchedule(expression)
    inside, zone = rest[:-1], _zone(timezone)
    try:
        if kind == "rate":
            return _rate(inside, start)
        if kind == "cron":
            fires = cron.parse(inside)
            return lambda moment: fires.next_after(moment, zone)
        if kind == "at":
            return _at(inside, zone)
    except (ValueError, OverflowError) as error:
        raise InvalidSchedule(expression) from error
    raise InvalidSchedule(expression)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InvalidSchedule(name) from error


def _rate(text: str, start: float) -> NextFiring:
    number, _, unit = text.partition(" ")
    if not (number.isascii() and number.isdecimal()) or number.startswith("0"):
        raise InvalidSchedule(text)
    singular = unit if number == "1" else unit.removesuffix("s")
    if singular not in _UNITS or (number != "1" and singular == unit):
        raise InvalidSchedule(text)
    seconds = int(number) * _UNITS[singular]
    return lambda moment: start + seconds * (floor((moment - start) / seconds) + 1)


def _at(text: str, zone: ZoneInfo) -> NextFiring:
    time = datetime.strptime(text, "%Y-%m-%dT%H:%M:%S").replace(tzinfo=zone)
    instant = time.astimezone(UTC).timestamp()
    return lambda moment: instant if moment < instant else None
