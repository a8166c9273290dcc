"""Parse AWS's cron expressions, which have six fields and support L, W and #.

https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#cron-based
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from zoneinfo import ZoneInfo

_MONTHS = {name.upper(): n for n, name in enumerate(calendar.month_abbr) if name}
_WEEKDAYS = {n: i for i, n in enumerate(("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"), 1)}
_YEARS = range(1970, 2200)


class InvalidExpression(ValueError):
    """An expression that AWS would not accept."""


@dataclass(frozen=True)
class Cron:
    """A parsed `cron(...)`."""

    minutes: frozenset[int]
    hours: frozenset[int]
    days: str
    months: frozenset[int]
    weekdays: str
    years: frozenset[int]

    def next_after(self, moment: float, zone: ZoneInfo) -> float | None:
        """The first firing after `moment` (epoch seconds), or None if there is none.

        A local time that daylight saving time skips does not fire. A local time that occurs twice
        fires once.
        """
        after = datetime.fromtimestamp(moment, UTC).astimezone(zone)
        for day in self._days_from(after.date()):
            for clock in self._times():
                local = datetime.combine(day, clock, zone)
                instant = local.timestamp()
                exists = datetime.fromtimestamp(instant, zone).replace(tzinfo=None) == (
                    local.replace(tzinfo=None)
                )
                if exists and instant > moment:
                    return instant
        return None

    def _times(self) -> Iterator[time]:
        for hour in sorted(self.hours):
            for minute in sorted(self.minutes):
                yield time(hour, minute)

    def _days_from(self, first: date) -> Iterator[date]:
        day = first
        while day.year < _YEARS.stop:
            if day.year not in self.years:
                day = date(day.year + 1, 1, 1)
            elif day.month not in self.months:
                day = _first_of_next_month(day)
            else:
                if self._matches(day):
                    yield day
                day += timedelta(days=1)

    def _matches(self, day: date) -> bool:
        if self.weekdays == "?":
            return any(_is_day(item, day) for item in self.days.split(","))
        return any(_is_weekday(item, day) for item in self.weekdays.split(","))


def parse_cron(text: str) -> Cron:
    """Parse the text inside the parentheses. Raises InvalidExpression if AWS would refuse it."""
    fields = text.upper().split()
    if len(fields) != 6:  # noqa: PLR2004 - minutes hours day-of-month month day-of-week year
        raise InvalidExpression(f"a cron expression has six fields, not {len(fields)}: {text}")
    minutes, hours, days, months, weekdays, years = fields
    if (days == "?") == (weekdays == "?"):
        raise InvalidExpression(f"exactly one of day-of-month and day-of-week must be '?': {text}")
    cron = Cron(
        _numbers(minutes, range(60)),
        _numbers(hours, range(24)),
        days,
        _numbers(months, range(1, 13), _MONTHS),
        weekdays,
        _numbers(years, _YEARS),
    )
    _check_days(cron)
    return cron


def _check_days(cron: Cron) -> None:
    some_day = date(2024, 2, 29)
    if cron.weekdays == "?":
        for item in cron.days.split(","):
            _is_day(item, some_day)
    else:
        for item in cron.weekdays.split(","):
            _is_weekday(item, some_day)


def _numbers(field: str, allowed: range, names: Mapping[str, int] | None = None) -> frozenset[int]:
    found: set[int] = set()
    for item in field.split(","):
        base, _, step = item.partition("/")
        low, _, high = base.partition("-")
        if base == "*":
            values = allowed
        elif high:
            values = range(_number(low, names), _number(high, names) + 1)
        else:
            start = _number(low, names)
            values = range(start, allowed.stop if step else start + 1)
        if not values or values[0] not in allowed or values[-1] not in allowed:
            raise InvalidExpression(f"{item} is not within {allowed.start}-{allowed.stop - 1}")
        if step and _number(step, None) == 0:
            raise InvalidExpression(f"{item} has no step")
        found.update(values[:: int(step or 1)])
    return frozenset(found)


def _number(text: str, names: Mapping[str, int] | None) -> int:
    if names and text in names:
        return names[text]
    if not text.isdecimal():
        raise InvalidExpression(f"{text!r} is not a number")
    return int(text)


def _is_day(item: str, day: date) -> bool:
    last = calendar.monthrange(day.year, day.month)[1]
    if item == "L":
        return day.day == last
    if item == "LW":
        return day == _nearest_weekday(day.replace(day=last))
    if match := re.fullmatch(r"([1-9]|[12]\d|3[01])W", item):
        wanted = min(int(match[1]), last)
        return day == _nearest_weekday(day.replace(day=wanted))
    return day.day in _numbers(item, range(1, 32))


def _is_weekday(item: str, day: date) -> bool:
    number = day.isoweekday() % 7 + 1  # Sunday is 1
    if item == "L":
        return number == 7  # noqa: PLR2004 - Saturday
    if match := re.fullmatch(r"(\w+)L", item):
        last = calendar.monthrange(day.year, day.month)[1]
        return number == _weekday_number(match[1]) and day.day > last - 7
    if match := re.fullmatch(r"(\w+)#([1-5])", item):
        return number == _weekday_number(match[1]) and (day.day - 1) // 7 + 1 == int(match[2])
    return number in _numbers(item, range(1, 8), _WEEKDAYS)


def _weekday_number(text: str) -> int:
    (number,) = _numbers(text, range(1, 8), _WEEKDAYS)
    return number


def _nearest_weekday(day: date) -> date:
    """The weekday nearest to the day, in the same month."""
    shift = {5: -1, 6: 1}.get(day.weekday(), 0)
    moved = day + timedelta(days=shift)
    return moved if moved.month == day.month else day - timedelta(days=2 * shift)


def _first_of_next_month(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)
