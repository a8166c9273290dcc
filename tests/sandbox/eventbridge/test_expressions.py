"""The times at which schedule expressions fire. The sandbox and pipeline-run must agree."""

import ast
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pytest

import codepipeline_sandbox
from codepipeline_sandbox.eventbridge import schedule_expressions
from codepipeline_sandbox.eventbridge.cron import InvalidSchedule
from pipeline_run.schedules.cron import InvalidExpression
from pipeline_run.schedules.expressions import parse_schedule

SIDES = {"pipeline-run": parse_schedule, "sandbox": schedule_expressions.parse}
# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html and
# https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
DOCUMENTED = {
    "cron(0 10 * * ? *)": ["2026-01-05T10:00", "2026-01-06T10:00", "2026-01-07T10:00"],
    "cron(15 12 * * ? *)": ["2026-01-05T12:15", "2026-01-06T12:15", "2026-01-07T12:15"],
    "cron(0 18 ? * MON-FRI *)": ["2026-01-05T18:00", "2026-01-06T18:00", "2026-01-07T18:00"],
    "cron(0 8 1 * ? *)": ["2026-02-01T08:00", "2026-03-01T08:00", "2026-04-01T08:00"],
    "cron(0/15 * * * ? *)": ["2026-01-05T09:15", "2026-01-05T09:30", "2026-01-05T09:45"],
    "cron(0/10 * ? * MON-FRI *)": ["2026-01-05T09:10", "2026-01-05T09:20", "2026-01-05T09:30"],
    "cron(0/5 8-17 ? * MON-FRI *)": ["2026-01-05T09:05", "2026-01-05T09:10", "2026-01-05T09:15"],
    "cron(0/30 20-23 ? * MON-FRI *)": ["2026-01-05T20:00", "2026-01-05T20:30", "2026-01-05T21:00"],
    "cron(0/30 0-2 ? * MON-FRI *)": ["2026-01-06T00:00", "2026-01-06T00:30", "2026-01-06T01:00"],
    "cron(15 10 ? * 6L 2022-2023)": [],
    "cron(15 10 ? * 6L 2026-2027)": ["2026-01-30T10:15", "2026-02-27T10:15", "2026-03-27T10:15"],
    "cron(0 2 ? * SAT#3 *)": ["2026-01-17T02:00", "2026-02-21T02:00", "2026-03-21T02:00"],
    "cron(0/5 5 ? JAN 1-5 2022)": [],
    "cron(0 9 3W * ? *)": ["2026-02-03T09:00", "2026-03-03T09:00", "2026-04-03T09:00"],
    "rate(1 minute)": ["2026-01-05T09:01", "2026-01-05T09:02", "2026-01-05T09:03"],
    "rate(5 minutes)": ["2026-01-05T09:05", "2026-01-05T09:10", "2026-01-05T09:15"],
    "rate(1 hour)": ["2026-01-05T10:00", "2026-01-05T11:00", "2026-01-05T12:00"],
    "rate(7 days)": ["2026-01-12T09:00", "2026-01-19T09:00", "2026-01-26T09:00"],
    "at(2026-11-20T13:00:00)": ["2026-11-20T13:00"],
}
# AWS refused these, according to LocalStack's tests/aws/services/events/test_events_schedule.py.
REFUSED_BY_AWS = [
    "rate(10 seconds)",
    "rate(10 years)",
    "rate(1 minutes)",
    "rate(1 hours)",
    "rate(1 days)",
    "rate(10 minute)",
    "rate(10 hour)",
    "rate(10 day)",
    "rate()",
    "rate(10)",
    "rate(10 minutess)",
    "rate(foo minutes)",
    "rate(0 minutes)",
    "rate(-10 minutes)",
    "rate(10 MINUTES)",
    "rate( 10 minutes )",
    " rate(10 minutes)",
    "cron(0 1 * * * *)",
    "cron(7 20 * * NOT *)",
    "cron(INVALID)",
    "cron(0 dummy ? * MON-FRI *)",
    "cron(71 8 1 * ? *)",
]


@pytest.fixture(params=SIDES)
def parse(request):
    return SIDES[request.param]


@pytest.fixture
def firings(parse):
    def find(expression, start, count=3, timezone="UTC"):
        zone = ZoneInfo(timezone)
        moment = datetime.fromisoformat(start).replace(tzinfo=UTC).timestamp()
        next_after = parse(expression, timezone, start=moment)
        found: list[str] = []
        while len(found) < count and (time := next_after(moment)) is not None:
            moment = time
            found.append(datetime.fromtimestamp(time, zone).strftime("%Y-%m-%dT%H:%M"))
        return found

    return find


@pytest.mark.rule("V14")
@pytest.mark.parametrize("expression", DOCUMENTED)
def test_the_documented_examples_fire_as_documented(firings, expression):
    assert firings(expression, "2026-01-05T09:00") == DOCUMENTED[expression]


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
def test_expressions_fire_at_the_expected_times(firings, expression, expected):
    assert firings(expression, "2026-01-05T09:00") == expected


def test_a_schedule_in_a_time_zone_keeps_its_local_time_all_year(firings):
    zone = ZoneInfo("Europe/Berlin")
    found = firings("cron(0 9 1 * ? *)", "2026-01-05T09:00", 7, "Europe/Berlin")

    assert {time[-5:] for time in found} == {"09:00"}
    offsets = {datetime.fromisoformat(time).replace(tzinfo=zone).utcoffset() for time in found}
    assert len(offsets) == 2


def test_a_local_time_skipped_by_daylight_saving_does_not_fire(firings):
    found = firings("cron(30 2 * * ? *)", "2026-03-28T00:00", 2, "Europe/Berlin")

    assert found == ["2026-03-28T02:30", "2026-03-30T02:30"]


def test_a_local_time_that_occurs_twice_fires_once(firings):
    found = firings("cron(30 2 * * ? *)", "2026-10-24T12:00", 2, "Europe/Berlin")

    assert found == ["2026-10-25T02:30", "2026-10-26T02:30"]


@pytest.mark.rule("V14")
@pytest.mark.parametrize(
    "expression",
    [
        *REFUSED_BY_AWS,
        "every day",
        "",
        "rate(2 minute)",
        "rate(5 seconds)",
        "rate(٣ minutes)",
        "rate(5 minutes",
        "cron(0 9 * * *)",
        "cron(0 9 * * * *)",
        "cron(0 9 ? * ? *)",
        "cron(60 9 * * ? *)",
        "cron(0 24 * * ? *)",
        "cron(0 9 0 * ? *)",
        "cron(0 9 32 * ? *)",
        "cron(0 9 29,99 * ? *)",
        "cron(0 9 32W * ? *)",
        "cron(0 9 W * ? *)",
        "cron(0 9 ? * MOO *)",
        "cron(0 9 ? * 5,8 *)",
        "cron(0 9 ? * 2#6 *)",
        "cron(0 9 ? * 8L *)",
        "cron(0 9 ? * 9#1 *)",
        "cron(0 9 * 13 ? *)",
        "cron(0 9 * * ? 1969)",
        "cron(0 9 * * ? 2200)",
        "cron(5-1 9 * * ? *)",
        "cron(*-5 9 * * ? *)",
        "cron(1,,5 9 * * ? *)",
        "cron(*/0 9 * * ? *)",
        "cron(*/x 9 * * ? *)",
        "at(tomorrow)",
        "at(2026-02-30T10:00:00)",
    ],
)
def test_invalid_expressions_are_refused(parse, expression):
    with pytest.raises((InvalidExpression, InvalidSchedule)):
        parse(expression)


def test_an_unknown_time_zone_is_refused(parse):
    with pytest.raises((InvalidExpression, InvalidSchedule), match="Mars"):
        parse("rate(1 hour)", "Mars/Olympus")


def _random_cron(random):
    minutes = random.choice(["*", "0", "59", "7,31", "10-20", "5/20", "*/7", "10-40/15"])
    hours = random.choice(["*", "0", "23", "2", "8-17", "20/2", "1,3"])
    months = random.choice(["*", "FEB", "4-6", "jan,12", "2/5"])
    years = random.choice(["*", "2027", "2026-2030", "2024/4"])
    if random.random() < 0.5:
        days, weekdays = (
            random.choice(["*", "1", "L", "LW", "31W", "1W", "15W", "29,30", "*/9"]),
            "?",
        )
    else:
        days, weekdays = "?", random.choice(["*", "L", "6L", "SUNL", "3#5", "SAT#1", "2-4", "*/3"])
    return f"cron({minutes} {hours} {days} {months} {weekdays} {years})"


@pytest.mark.parametrize("timezone", ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu"])
def test_the_two_implementations_agree_on_random_expressions(timezone):
    random = Random(timezone)  # noqa: S311 - repeatable on purpose
    for _ in range(150):
        expression = _random_cron(random)
        moment = datetime(2026, 1, 1, tzinfo=UTC).timestamp() + random.randrange(366 * 86_400)
        ours, theirs = (parse(expression, timezone, start=moment) for parse in SIDES.values())
        for _ in range(4):
            first, second = ours(moment), theirs(moment)
            assert first == second, (expression, timezone, moment)
            if first is None:
                break
            moment = first


def test_the_sandbox_does_not_import_pipeline_run():
    modules = list(Path(*codepipeline_sandbox.__path__).rglob("*.py"))

    imported = {
        name.split(".")[0]
        for module in modules
        for node in ast.walk(ast.parse(module.read_text("utf-8")))
        for name in (
            [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else []
        )
    }

    assert len(modules) > 100
    assert "pipeline_run" not in imported
