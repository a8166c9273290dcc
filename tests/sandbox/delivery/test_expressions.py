"""The times at which schedule expressions fire."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from pipeline_run.schedules.cron import InvalidExpression
from pipeline_run.schedules.expressions import parse_schedule


def firings(expression, start, count=3, timezone="UTC"):
    """The next times at which the schedule fires, in local time."""
    zone = ZoneInfo(timezone)
    moment = datetime.fromisoformat(start).replace(tzinfo=UTC).timestamp()
    next_after = parse_schedule(expression, timezone, start=moment)
    found: list[str] = []
    while len(found) < count and (time := next_after(moment)) is not None:
        moment = time
        found.append(datetime.fromtimestamp(time, zone).strftime("%Y-%m-%dT%H:%M"))
    return found


@pytest.mark.parametrize(
    "expression, expected",
    [
        ("cron(15 12 * * ? *)", ["2026-01-05T12:15", "2026-01-06T12:15", "2026-01-07T12:15"]),
        ("cron(0/20 9 * * ? *)", ["2026-01-05T09:20", "2026-01-05T09:40", "2026-01-06T09:00"]),
        ("cron(0 18 ? * MON-FRI *)", ["2026-01-05T18:00", "2026-01-06T18:00", "2026-01-07T18:00"]),
        ("cron(0 8 ? * SUN,2 *)", ["2026-01-11T08:00", "2026-01-12T08:00", "2026-01-18T08:00"]),
        ("cron(0 8 1 * ? *)", ["2026-02-01T08:00", "2026-03-01T08:00", "2026-04-01T08:00"]),
        ("cron(0 8 L * ? *)", ["2026-01-31T08:00", "2026-02-28T08:00", "2026-03-31T08:00"]),
        ("cron(0 8 LW * ? *)", ["2026-01-30T08:00", "2026-02-27T08:00", "2026-03-31T08:00"]),
        ("cron(0 8 1W FEB,AUG ? *)", ["2026-02-02T08:00", "2026-08-03T08:00", "2027-02-01T08:00"]),
        ("cron(0 8 ? * 3#2 *)", ["2026-01-13T08:00", "2026-02-10T08:00", "2026-03-10T08:00"]),
        ("cron(0 8 ? * 6L *)", ["2026-01-30T08:00", "2026-02-27T08:00", "2026-03-27T08:00"]),
        ("cron(0 0 29 2 ? *)", ["2028-02-29T00:00", "2032-02-29T00:00", "2036-02-29T00:00"]),
        ("cron(0 8 1 1 ? 2027)", ["2027-01-01T08:00"]),
        ("cron(0 8 1 1 ? 2020)", []),
        ("rate(5 minutes)", ["2026-01-05T09:05", "2026-01-05T09:10", "2026-01-05T09:15"]),
        ("rate(1 day)", ["2026-01-06T09:00", "2026-01-07T09:00", "2026-01-08T09:00"]),
        ("at(2026-01-05T10:00:00)", ["2026-01-05T10:00"]),
        ("at(2026-01-05T08:00:00)", []),
    ],
)
def test_expressions_fire_at_the_expected_times(expression, expected):
    assert firings(expression, "2026-01-05T09:00") == expected


def test_a_schedule_in_a_time_zone_keeps_its_local_time_all_year():
    zone = ZoneInfo("Europe/Berlin")
    found = firings("cron(0 9 1 * ? *)", "2026-01-05T09:00", 7, "Europe/Berlin")

    assert {time[-5:] for time in found} == {"09:00"}
    offsets = {datetime.fromisoformat(time).replace(tzinfo=zone).utcoffset() for time in found}
    assert len(offsets) == 2


def test_a_local_time_skipped_by_daylight_saving_does_not_fire():
    found = firings("cron(30 2 * * ? *)", "2026-03-28T00:00", 2, "Europe/Berlin")

    assert found == ["2026-03-28T02:30", "2026-03-30T02:30"]


def test_a_local_time_that_occurs_twice_fires_once():
    found = firings("cron(30 2 * * ? *)", "2026-10-24T12:00", 2, "Europe/Berlin")

    assert found == ["2026-10-25T02:30", "2026-10-26T02:30"]


@pytest.mark.parametrize(
    "expression",
    [
        "every day",
        "rate(1 minutes)",
        "rate(2 minute)",
        "rate(0 minutes)",
        "rate(5 seconds)",
        "cron(0 9 * * *)",
        "cron(0 9 * * * *)",
        "cron(0 9 ? * ? *)",
        "cron(60 9 * * ? *)",
        "cron(0 24 * * ? *)",
        "cron(0 9 32 * ? *)",
        "cron(0 9 29,99 * ? *)",
        "cron(0 9 32W * ? *)",
        "cron(0 9 ? * MOO *)",
        "cron(0 9 ? * 5,8 *)",
        "cron(0 9 * 13 ? *)",
        "cron(5-1 9 * * ? *)",
        "cron(*/0 9 * * ? *)",
        "at(tomorrow)",
    ],
)
def test_invalid_expressions_are_refused(expression):
    with pytest.raises(InvalidExpression):
        parse_schedule(expression)


def test_an_unknown_time_zone_is_refused():
    with pytest.raises(InvalidExpression, match="Mars"):
        parse_schedule("rate(1 hour)", "Mars/Olympus")
