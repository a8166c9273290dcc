"""What is known about a target while its run is followed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import click
import pytest

from codepipeline_orchestrator.model.progress import Progress
from codepipeline_orchestrator.model.snapshot import Snapshot
from codepipeline_sandbox.codepipeline import Act
from pipeline_run.connection import Connection
from pipeline_run.program import program
from pipeline_run.run_search import named
from pipeline_run.snapshots import TimedSnapshot, of_events
from pipeline_run.stages import PolledStages, Stage, with_result, with_usual
from pipeline_run.views import views_of_runs
from playground.company import SECOND, TOOLS, Action

START = datetime(2026, 1, 5, 9, tzinfo=UTC)
SNAPSHOT = Snapshot(
    "web (account 222233334444, eu-west-1)",
    "InProgress",
    "3f0c9a51",
    progress=Progress("Deploy", ("Rollout",)),
    percent=20,
)


def marked(stage):
    return f"{stage.mark} {stage.name}"


@pytest.mark.parametrize("seconds, percent", [(-600, 20), (40, 20), (140, 70), (4000, 99)])
def test_the_percentage_grows_between_polls_but_never_reaches_100(seconds, percent):
    snapshot = TimedSnapshot(SNAPSHOT, typical_seconds=200, taken=START + timedelta(seconds=40))

    assert snapshot.percent(START + timedelta(seconds=seconds)) == percent


def test_without_an_earlier_success_there_is_no_percentage():
    snapshot = TimedSnapshot(replace(SNAPSHOT, percent=None), taken=START)

    assert snapshot.percent(START) is None


def test_before_the_first_poll_the_run_is_starting():
    assert of_events([]).sentence() == "The run is starting."


def test_stages_are_read_in_the_same_account_and_otherwise_come_from_polls(typed, company, around):
    # The first run has a target in the deployment's account, the second one in another account.
    for account in (TOOLS, SECOND):
        stages = {
            "Build": [Action("Do", (Act(20),))],
            "Try": [Action("Do", (Act(90),))],
            "Live": [Action("Go")],
        }
        company.add_pipeline("web", stages, account=account)
    connection = Connection()
    own = typed("start", "web", "--detach").stdout.strip()
    role = company.target_roles[SECOND]
    other = typed("start", "web", "--role-arn", role, "--detach").stdout.strip()

    around.sleep(80)
    seen_of: dict[str, list[str]] = {}
    times_of: dict[str, Any] = {}
    with click.Context(program, obj=around):
        for name in (own, other):
            arn = f"{company.state_machine.replace(':stateMachine:', ':execution:')}:{name}"
            (seen,) = next(views_of_runs(connection, [arn], around, with_stages=True))
            seen_of[name] = [marked(stage) for stage in seen.stages]
            times_of[name] = {stage.name: (stage.start, stage.end) for stage in seen.stages}

    # The times are those of CodePipeline.
    build, trial = (times_of[own][each] for each in ("Build", "Try"))
    assert build[0] + timedelta(seconds=20) == build[1]
    assert trial[0] - build[1] < timedelta(seconds=1)
    assert trial[1] is None
    assert times_of[own]["Live"] == (None, None)
    assert set(times_of[other].values()) == {(None, None)}
    # For the target in the other account, only the polled stages are known.
    assert seen_of == {
        own: ["✓ Source", "✓ Build", "● Try", "○ Live"],
        other: ["✓ Build", "● Try"],
    }


def test_progress_is_shown_with_the_time_at_which_it_was_read():
    taken = START + timedelta(seconds=40)
    progress = Progress("Live", ("Go",), read_at=START + timedelta(seconds=9))
    older = TimedSnapshot(replace(SNAPSHOT, progress=progress), taken=taken)

    # The poll at 40 seconds repeated the progress.
    assert older.as_of() == " (as of 2026-01-05 09:00:09 UTC)"
    ended = TimedSnapshot(Snapshot("web", "Succeeded"), taken=taken)
    assert ended.as_of() == " (as of 2026-01-05 09:00:40 UTC)"
    assert TimedSnapshot().as_of() == ""


def test_the_progress_is_not_below_that_of_the_last_poll_if_clocks_differ():
    snapshot = TimedSnapshot(SNAPSHOT, typical_seconds=200, taken=START + timedelta(seconds=400))

    assert snapshot.percent(START) == 20


def test_the_polled_stages_start_again_with_a_newer_execution():
    stages = PolledStages()
    older, newer = (Snapshot("web", "InProgress", each) for each in "ab")
    for stage in ("Build", "Live"):
        stages.add(replace(older, progress=Progress(stage)))

    assert stages.add(newer) == []
    in_build = replace(newer, progress=Progress("Build"))
    assert [marked(each) for each in stages.add(in_build)] == ["● Build"]


def test_a_retried_stage_is_the_current_stage_again():
    stages = PolledStages()
    for stage in ("Build", "Live"):
        stages.add(Snapshot("web", "InProgress", progress=Progress(stage)))

    (build,) = stages.add(Snapshot("web", "InProgress", progress=Progress("Build")))

    assert marked(build) == "● Build"


def test_stages_that_polls_did_not_find_come_from_earlier_executions():
    polled = [Stage("Build", "Succeeded"), Stage("Live", "InProgress")]

    shown = with_usual(polled, ["Source", "Build", "Live", "Announce"])

    assert [marked(each) for each in shown] == ["✓ Source", "✓ Build", "● Live", "○ Announce"]
    assert with_usual(polled, ["Source", "Build"]) == polled  # the pipeline has changed
    assert with_usual([], ["Source"]) == []


def test_the_last_attempts_in_the_result_complete_the_stages_of_a_target_that_has_ended():
    known = [Stage("Build", None), Stage("Live", "InProgress"), Stage("Announce", None)]
    attempts = [
        {"name": "Build", "status": "Failed", "startTime": "2026-01-05T09:00:00+00:00"},
        {
            "name": "Build",
            "status": "Succeeded",
            "startTime": "2026-01-05T09:01:00+00:00",
            "endTime": "2026-01-05T09:02:00+00:00",
        },
        {"name": "Live", "startTime": "2026-01-05T09:02:00+00:00"},
    ]

    build, live, announce = with_result(known, {"status": "Stopped", "stages": attempts})

    assert build == Stage(
        "Build", "Succeeded", START + timedelta(minutes=1), START + timedelta(minutes=2)
    )
    assert marked(live) == "■ Live"
    assert marked(announce) == "○ Announce"
    polled = with_result([Stage("Live", "Failed")], {"status": "Stopped", "stages": attempts})
    assert [each.name for each in polled] == ["Build", "Live"]


def test_without_the_result_and_any_stage_of_the_execution_no_stage_is_shown():
    assert with_result([Stage("Build", None)], {}) == []


def test_a_pipeline_that_cannot_be_read_is_shown_from_polls(typed, company, around):
    # The pipeline of this run has been deleted.
    stages = {"Build": [Action("Do", (Act(20),))], "Live": [Action("Do", (Act(90),))]}
    company.add_pipeline("web", stages)
    typed("start", "web", "--detach")
    around.sleep(80)
    company.codepipeline().delete_pipeline(name="web")

    with click.Context(program, obj=around):
        arn = named(Connection(), None).arn
        (seen,) = next(views_of_runs(Connection(), [arn], around, with_stages=True))

    assert [marked(each) for each in seen.stages] == ["✓ Build", "● Live"]
