from __future__ import annotations

import json

import pytest

from codepipeline_sandbox.codepipeline import Act


@pytest.fixture
def two_runs(typed, target, around):
    """A pipeline with two runs. The first run succeeded and the second one failed."""
    name, *words = target(Act(20), Act(20, "Failed"))
    for _ in range(2):
        typed("start", name, *words, "--detach")
        around.sleep(120)
    return name


def test_list_shows_the_newest_runs_with_their_outcomes(typed, two_runs):
    result = typed("list", "--limit", "2")

    header, newest, oldest = result.stdout.splitlines()
    assert header.startswith("RUN ")
    assert f"  Failed     {two_runs}  " in newest
    assert f"  Succeeded  {two_runs}  " in oldest


def test_list_can_filter_by_status(typed, two_runs):
    found = json.loads(typed("list", "--status", "failed", "--limit", "1", "--json").stdout)
    (one,) = found

    assert one["result"]["error"] == "PipelineFailed"


def test_show_prints_progress_and_later_the_result(typed, target, around):
    typed("start", *target(Act(600)), "--detach")
    around.sleep(60)
    going = typed("show")
    around.sleep(1200)
    ended = typed("show")

    assert "in stage Deploy, action Rollout" in going.stdout
    assert "Succeeded after" in ended.stdout


def test_stop_ends_the_run_and_reports_that_the_target_continues(typed, target):
    name = typed("start", *target(Act(600)), "--detach").stdout.strip()

    stopped = typed("stop", name, "--reason", "wrong branch")

    assert stopped.exit_code == 0
    assert "Its target continues" in stopped.stdout
    watched = typed("watch", name)
    assert watched.exit_code == 7
    assert "wrong branch" in watched.stdout


def test_stop_reports_that_the_target_stops_too(typed, target):
    name = typed("start", *target(Act(600)), "--on-abort", "stop", "--detach").stdout.strip()

    assert "stops once its running actions have ended" in typed("stop", name).stdout


def test_a_run_that_has_ended_cannot_be_stopped(typed, target, around):
    typed("start", *target(Act(20)), "--detach")
    around.sleep(120)
    name = json.loads(typed("show", "--json").stdout)["name"]

    result = typed("stop", name)

    assert result.exit_code == 2
    assert "has already ended: Succeeded" in result.stderr
