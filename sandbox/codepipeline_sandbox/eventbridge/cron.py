"""Parses EventBridge's cron expressions and finds the times at which they fire.

This parser is independent of the one in `pipeline-run`, so tests can compare the two.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
"""

from __future__ import annotations

import re
from calendar import Calendar, monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from zoneinfo import ZoneInfo

_MINUTES, _HOURS = (0, 59), (0, 23)
_DAYS, _MONTHS, _WEEKDAYS, _YEARS = (1, 31), (1, 12), (1, 7), (1970, 2199)
_MONTH_NAMES = {
    name: number
    for number, name in enumerate(
        ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"), 1
    )
}
_DAY_NAMES = {"SUN": 1, "MON": 2, "TUE": 3, "WED": 4, "THU": 5, "FRI": 6, "SAT": 7}
_SUNDAY_FIRST = Calendar(firstweekday=6)
_SATURDAY = 7
_ITEM = re.compile(r"(?P<first>\*|\w+)(?:-(?P<last>\w+))?(?:/(?P<step>[1-9][0-9]*))?")

# Returns the days on which an item of the expression fires, given the year and month.
_DaysOf = Callable[[int, int], set[int]]


class InvalidSchedule(ValueError):
    """An expression that EventBridge refuses."""


@dataclass(frozen=True)
class CronExpression:
    """The values of a `cron(...)` expression, each list in ascending order."""

    years: Sequence[int]
    months: Sequence[int]
    days: Sequence[_DaysOf]
    times: Sequence[tuple[int, int]]

    def next_after(self, moment: float, zone: ZoneInfo) -> float | None:
        """Return the first firing after `moment` (epoch seconds), or None if there is none.

        A local time skipped by daylight saving does not fire, and one that occurs twice fires once.
        """
        today = datetime.fromtimestamp(moment, UTC).astimezone(zone)
        for year, month in self._months_from(today):
            for day in sorted(set().union(*(days(year, month) for days in self.days))):
                if (year, month, day) < (today.year, today.month, today.day):
                    continue
                for hour, minute in self.times:
                    local = datetime(year, month, day, hour, minute, tzinfo=zone)
                    if local.timestamp() > moment and _exists(local):
                        return local.timestamp()
        return None

    def _months_from(self, first: datetime) -> Iterator[tuple[int, int]]:
        for year in self.years:
            for month in self.months:
                if (year, month) >= (first.year, first.month):
                    yield year, month


def parse(text: str) -> CronExpression:
    """Parse the six fields of an expression. Raises InvalidSchedule."""
    match text.upper().split():
        case [minutes, hours, days, months, "?", years] if days != "?":
            found = [_day(item) for item in days.split(",")]
        case [minutes, hours, "?", months, weekdays, years] if weekdays != "?":
            found = [_weekday(item) for item in weekdays.split(",")]
        case _:
            raise InvalidSchedule(text)
    return CronExpression(
        years=_values(years, _YEARS),
        months=_values(months, _MONTHS, _MONTH_NAMES),
        days=found,
        times=[(hour, minute) for hour in _values(hours, _HOURS) for minute in _minutes(minutes)],
    )


def _minutes(text: str) -> list[int]:
    return _values(text, _MINUTES)


def _values(
    field: str, limits: tuple[int, int], names: Mapping[str, int] | None = None
) -> list[int]:
    """List the values of a field: `*`, `1`, `1-5`, `0/15` or `JAN,MAR`."""
    return sorted({value for item in field.split(",") for value in _range(item, limits, names)})


def _range(item: str, limits: tuple[int, int], names: Mapping[str, int] | None) -> range:
    match = _ITEM.fullmatch(item)
    if match is None or (match["first"] == "*" and match["last"]):
        raise InvalidSchedule(item)
    step = int(match["step"] or 1)
    if match["first"] == "*":
        return range(limits[0], limits[1] + 1, step)
    first = _value(match["first"], limits, names)
    if match["last"]:
        last = _value(match["last"], limits, names)
    else:
        last = limits[1] if match["step"] else first
    if first > last:
        raise InvalidSchedule(item)
    return range(first, last + 1, step)


def _value(text: str, limits: tuple[int, int], names: Mapping[str, int] | None) -> int:
    value = (names or {}).get(text)
    if value is None and re.fullmatch(r"[0-9]+", text):
        value = int(text)
    if value is None or not limits[0] <= value <= limits[1]:
        raise InvalidSchedule(text)
    return value


def _day(item: str) -> _DaysOf:
    """Parse an item of the day-of-month field: `L`, `LW`, `3W`, or values."""
    if item == "L":
        return lambda year, month: {_last(year, month)}
    if item == "LW":
        return lambda year, month: {_nearest_weekday(year, month, _last(year, month))}
    if item.endswith("W"):
        wanted = _value(item[:-1], _DAYS, None)
        return lambda year, month: {_nearest_weekday(year, month, min(wanted, _last(year, month)))}
    values = set(_values(item, _DAYS))
    return lambda year, month: {day for day in values if day <= _last(year, month)}


def _weekday(item: str) -> _DaysOf:
    """Parse an item of the day-of-week field, where Sunday is 1: `L`, `6L`, `SAT#3`, or values."""
    if item == "L":
        return lambda year, month: set(_dates(year, month, _SATURDAY))
    if item.endswith("L"):
        last = _value(item[:-1], _WEEKDAYS, _DAY_NAMES)
        return lambda year, month: {_dates(year, month, last)[-1]}
    if "#" in item:
        name, _, number = item.partition("#")
        weekday, nth = _value(name, _WEEKDAYS, _DAY_NAMES), _value(number, (1, 5), None)
        return lambda year, month: set(_dates(year, month, weekday)[nth - 1 : nth])
    values = _values(item, _WEEKDAYS, _DAY_NAMES)
    return lambda year, month: {day for each in values for day in _dates(year, month, each)}


def _dates(year: int, month: int, weekday: int) -> list[int]:
    weeks = _SUNDAY_FIRST.monthdayscalendar(year, month)
    return [week[weekday - 1] for week in weeks if week[weekday - 1]]


def _last(year: int, month: int) -> int:
    return monthrange(year, month)[1]


def _nearest_weekday(year: int, month: int, day: int) -> int:
    """The weekday nearest to the day, in the same month."""
    working = {each for weekday in range(2, 7) for each in _dates(year, month, weekday)}
    return min(working, key=lambda each: abs(each - day))


def _exists(local: datetime) -> bool:
    """Whether the local time exists. Daylight saving skips some times."""
    there = local.astimezone(UTC).astimezone(local.tzinfo)
    return there.replace(tzinfo=None, fold=0) - local.replace(tzinfo=None) == timedelta(0)
