"""What commands print while they follow runs, without a terminal."""

from __future__ import annotations

import io
import json
import sys
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from codepipeline_orchestrator.model.progress import Progress
from pipeline_run import output
from pipeline_run.aws_clock import AwsClock
from pipeline_run.environment import Environment
from pipeline_run.notify import notify
from pipeline_run.screen import JsonLines, Lines
from tests.pipeline_run.described import START
from tests.pipeline_run.pictures import APPROVAL, ID, RUNNING, ZONE, after, ended, run, view

END = view(status="Succeeded", of=ended("Succeeded", 300), seconds=300)


def test_lines_are_printed_for_each_change_with_the_local_time(capsys, set_zone):
    set_zone(ZONE)
    later = replace(RUNNING, now=after(210))

    Lines().show([[RUNNING], [later], [APPROVAL], [END]])

    printed = capsys.readouterr()
    following, action, approval, end, result = printed.out.splitlines()
    assert following.startswith("10:03:20  Following shop (account 222233334444, eu-west-1), exec")
    assert f"execution {ID}: https://" in following
    assert action == "10:03:20  In stage Build, action Compile"
    assert approval == (
        "10:03:20  In stage Approve: action Ask has been waiting for approval since 10:02:20"
    )
    assert end == "10:05:00  The run has ended."
    assert result == "Succeeded after 5m 00s: The message."
    assert printed.err == "Times are in UTC+01:00.\n"


def test_the_end_of_an_earlier_run_has_its_date(capsys):
    Lines().show([[replace(END, now=after(90_000))]])

    assert capsys.readouterr().out.startswith("2026-01-05 09:05  The run has ended.\n")


def test_lines_name_the_run_if_there_are_several(capsys):
    other = replace(RUNNING, run=run(name="other"))

    Lines().show([[RUNNING, other]])

    assert "09:03:20  other  In stage Build, action Compile\n" in capsys.readouterr().out


def test_json_has_one_line_for_each_change_with_times_in_utc(capsys, set_zone):
    set_zone(ZONE)
    local = RUNNING.run.started.astimezone()
    of = run(startDate=local)
    first, same = (replace(RUNNING, run=of, now=after(seconds)) for seconds in (200, 201))
    moved = view(Progress("Deploy"), of=of, seconds=210)

    JsonLines().show([[first], [same], [moved], [END]])

    one, two, last = map(json.loads, capsys.readouterr().out.splitlines())
    assert one["time"] == "2026-01-05T09:03:20+00:00"
    assert one["startDate"] == "2026-01-05T09:00:00+00:00"
    assert one["snapshot"]["progress"]["stage"] == "Build"
    assert two["snapshot"]["progress"]["stage"] == "Deploy"
    assert "result" not in two
    assert last["result"]["outcome"] == "Succeeded"
    assert "snapshot" not in last


class Terminal(io.StringIO):
    """A stream that claims to be a terminal."""

    def isatty(self):
        return True


def test_a_notification_rings_the_bell_and_contains_no_other_command(monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)

    notify("shop\x1b\\\a\x1b]52;c;AAAA\a" + "x" * 300)

    sent = terminal.getvalue()
    assert sent.startswith(r"" + "\x1b]9;pipeline-run: shop\\u001b")
    assert sent.endswith("…\x1b\\\a")
    assert sent.count("\x1b") == 2
    assert sent.count("\a") == 1


def test_without_a_terminal_there_is_no_notification(capsys):
    notify("shop Succeeded")

    assert capsys.readouterr() == ("", "")


def response(date):
    return {"ResponseMetadata": {"HTTPHeaders": {"date": date}}}


def test_the_time_is_that_of_aws_and_never_goes_back():
    ticks = iter([1000.0, 1001.5, 1003.0, 1003.5])
    wrong = Environment(now=lambda: datetime(2030, 1, 1, tzinfo=UTC), ticks=lambda: next(ticks))
    clock = AwsClock(wrong)

    # Only before the first response, the computer's clock is all there is.
    assert clock.now().year == 2030
    clock.set_by(response("Mon, 05 Jan 2026 09:00:00 GMT"))
    assert clock.now() == after(1.5)
    clock.set_by(response("Mon, 05 Jan 2026 09:00:02 GMT"))  # late, and without its fraction
    assert clock.now() == after(3.5)


@pytest.mark.parametrize("broken", [{}, response("yesterday")])
def test_a_response_without_a_date_does_not_set_the_clock(broken):
    clock = AwsClock(Environment(now=lambda: START))
    clock.set_by(broken)

    assert clock.now() == START


@pytest.mark.parametrize(
    "zone, at, moment, clock_time, name",
    [
        ("UTC", 0, "2026-01-05 09:00:00 UTC", "09:00:00", "UTC"),
        (ZONE, 0, "2026-01-05 10:00:00 UTC+01:00", "10:00:00", "UTC+01:00"),
        (ZONE, 180 * 86_400, "2026-07-04 11:00:00 UTC+02:00", "11:00:00", "UTC+02:00"),
        ("XXX3:30", 0, "2026-01-05 05:30:00 UTC-03:30", "05:30:00", "UTC-03:30"),
    ],
)
def test_times_are_local(set_zone, zone, at, moment, clock_time, name):
    set_zone(zone)

    assert output.moment(after(at)) == moment
    assert output.clock_time(after(at)) == clock_time
    assert output.zone(after(at)) == name
    assert output.utc_moment(START) == "2026-01-05 09:00:00 UTC"
    assert output.utc_clock_time(START) == "09:00:00"


def test_an_earlier_time_has_its_date_unless_it_was_today(set_zone):
    set_zone(ZONE)

    # In this zone, the day begins at 23:00 UTC.
    assert output.time_since(after(-36_000), START) == "00:00:00"
    assert output.time_since(after(-36_001), START) == "2026-01-04 23:59"
