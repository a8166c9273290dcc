"""Schedule expressions: `rate(...)`, `cron(...)` and `at(...)`."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pipeline_run.schedules.cron import InvalidExpression, parse_cron

_SECONDS = {"minute": 60, "hour": 3600, "day": 86400}

# Returns the first firing after a time (epoch seconds), or None if there is none.
NextAfter = Callable[[float], float | None]


def parse_schedule(expression: str, timezone: str = "UTC", start: float = 0.0) -> NextAfter:
    """Parse an expression into a function that finds its next firing.

    A rate is counted from `start`.

    Raises InvalidExpression if AWS would refuse the expression.
    """
    match = re.fullmatch(r"(rate|cron|at)\((.*)\)", expression)
    if match is None:
        raise InvalidExpression(f"{expression!r} is not rate(...), cron(...) or at(...)")
    try:
        zone = ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise InvalidExpression(f"{timezone!r} is not a time zone") from error
    if match[1] == "rate":
        return _rate(match[2], start)
    if match[1] == "at":
        return _at(match[2], zone)
    parsed = parse_cron(match[2])
    return lambda moment: parsed.next_after(moment, zone)


def _rate(text: str, start: float) -> NextAfter:
    match = re.fullmatch(r"([1-9]\d*) (minute|hour|day)(s?)", text)
    if match is None or (match[1] == "1") == bool(match[3]):
        raise InvalidExpression(f"rate({text}) must have the form rate(5 minutes) or rate(1 hour)")
    period = int(match[1]) * _SECONDS[match[2]]
    return lambda moment: start + (int((moment - start) // period) + 1) * period


def _at(text: str, zone: ZoneInfo) -> NextAfter:
    try:
        local = datetime.strptime(text, "%Y-%m-%dT%H:%M:%S").replace(tzinfo=zone)
    except ValueError as error:
        raise InvalidExpression(f"at({text}) must have the form at(2026-01-05T09:00:00)") from error
    instant = local.astimezone(UTC).timestamp()
    return lambda moment: instant if instant > moment else None
