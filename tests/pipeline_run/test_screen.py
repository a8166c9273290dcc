"""How a run is shown on a terminal."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import click
import pytest
from rich.console import Console

from codepipeline_orchestrator.model.progress import Progress
from codepipeline_orchestrator.model.snapshot import Snapshot
from codepipeline_sandbox.codepipeline import Act
from pipeline_run.connection import Connection
from pipeline_run.program import program
from pipeline_run.run_search import named
from pipeline_run.runs import Run
from pipeline_run.screen import Picture
from pipeline_run.snapshots import TimedSnapshot, of_events
from pipeline_run.stages import PolledStages
from pipeline_run.views import View, views_of_run
from playground.company import SECOND, TOOLS, Action

START = datetime(2026, 1, 5, 9, tzinfo=UTC)
SNAPSHOT = Snapshot(
    "web (account 222233334444, eu-west-1)",
    "InProgress",
    "3f0c9a51",
    progress=Progress("Deploy", ("Rollout\x1b[2J",)),
    percent=20,
)


def view(snapshot, seconds):
    described = {
        "executionArn": "arn:aws:states:eu-west-1:111122223333:execution:machine:run-1",
        "name": "run-1",
        "status": "RUNNING",
        "startDate": START,
        "input": '{"pipelineName": "web"}',
    }
    return View(Run(described), snapshot, START + timedelta(seconds=seconds))


def shown(*views):
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=True, width=100, color_system=None)
    Picture(console).show(views)
    return screen.getvalue()


def test_the_picture_shows_target_stage_times_and_percentage():
    snapshot = TimedSnapshot(SNAPSHOT, typical_seconds=200, taken=START + timedelta(seconds=40))

    text = shown(view(snapshot, 65))

    assert "web (account 222233334444, eu-west-1)" in text
    assert "in stage Deploy, action Rollout" in text
    assert "1m 05s (the target usually takes 3m 20s)" in text
    assert "32%" in text
    assert "Press Ctrl-C to stop watching" in text


def test_control_characters_do_not_reach_the_terminal():
    snapshot = TimedSnapshot(SNAPSHOT)

    assert "\x1b[2J" not in shown(view(snapshot, 1))


@pytest.mark.parametrize("seconds, percent", [(40, 20), (140, 70), (4000, 99)])
def test_the_percentage_grows_between_polls_but_never_reaches_100(seconds, percent):
    snapshot = TimedSnapshot(SNAPSHOT, typical_seconds=200, taken=START + timedelta(seconds=40))

    assert snapshot.percent(START + timedelta(seconds=seconds)) == percent


def test_without_an_earlier_success_there_is_no_percentage():
    snapshot = TimedSnapshot(replace(SNAPSHOT, percent=None), taken=START)

    assert snapshot.percent(START) is None
    assert "%" not in shown(view(snapshot, 5))


def test_before_the_first_poll_the_run_is_starting():
    assert of_events([]).sentence() == "The run is starting."
    assert "starting" in shown(view(TimedSnapshot(), 0))


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
    seen_of = {}
    with click.Context(program, obj=around):
        for name in (own, other):
            arn = f"{company.state_machine.replace(':stateMachine:', ':execution:')}:{name}"
            seen = next(views_of_run(connection, arn, around, with_stages=True))
            seen_of[name] = [str(stage) for stage in seen.stages]

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
    assert older.as_of() == " (as of 09:00:09)"
    assert TimedSnapshot(Snapshot("web", "Succeeded"), taken=taken).as_of() == " (as of 09:00:40)"
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
    assert [str(each) for each in stages.add(in_build)] == ["● Build"]


def test_a_retried_stage_is_the_current_stage_again():
    stages = PolledStages()
    for stage in ("Build", "Live"):
        stages.add(Snapshot("web", "InProgress", progress=Progress(stage)))

    (build,) = stages.add(Snapshot("web", "InProgress", progress=Progress("Build")))

    assert str(build) == "● Build"


def test_a_pipeline_that_cannot_be_read_is_shown_from_polls(typed, company, around):
    # The pipeline of this run has been deleted.
    stages = {"Build": [Action("Do", (Act(20),))], "Live": [Action("Do", (Act(90),))]}
    company.add_pipeline("web", stages)
    typed("start", "web", "--detach")
    around.sleep(80)
    company.codepipeline().delete_pipeline(name="web")

    with click.Context(program, obj=around):
        seen = next(
            views_of_run(Connection(), named(Connection(), None).arn, around, with_stages=True)
        )

    assert [str(each) for each in seen.stages] == ["✓ Build", "● Live"]
