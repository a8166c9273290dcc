"""When a run looks at more than the status, and what it learns of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from codepipeline_orchestrator.model.state import Progress
from codepipeline_orchestrator.polling.refresh import is_due, look_around, runs_an_action
from codepipeline_orchestrator.polling.typical_durations import Pace, Step
from tests.function.runs import ID, OTHER, START, STATE, action, moment

pytestmark = pytest.mark.usefixtures("at")  # looks are a minute after the start

PACE = Pace((Step("Deploy", "Rollout", 100, 10), Step("Deploy", "Check", 30, 3)), 0.1).to_document()


def inside(name, since, seen=60):
    """Where it stands when this action of the stage Deploy began last."""
    latest = {"action": name, "since": moment(since).isoformat()}
    shown = {"stage": "Deploy", "actions": [name], "latest": latest}
    return {**shown, "seen": moment(seen).isoformat()}


class Shown:
    """CodePipeline with a history, and the execution in actions of the stage Deploy."""

    def __init__(self, *history, running=(("Rollout", 50),)):
        self.history = history
        self.running = running
        self.asked: list[str] = []

    def list_action_executions(self, **asked):
        self.asked.append("history")
        assert asked == {"pipelineName": "deploy", "maxResults": 100}
        return {"actionExecutionDetails": list(self.history)}

    def get_pipeline_state(self, *, name):
        self.asked.append("state")
        assert name == "deploy"
        actions = [
            {
                "actionName": action,
                "latestExecution": {
                    "status": "InProgress",
                    "lastStatusChange": moment(since),
                },
            }
            for action, since in self.running
        ]
        latest = {"pipelineExecutionId": ID, "status": "InProgress"}
        stage = {"stageName": "Deploy", "latestExecution": latest, "actionStates": actions}
        return {"stageStates": [stage]}


def looked(progress, shown):
    codepipeline: Any = shown
    return look_around(STATE, progress, connect=lambda _target: codepipeline)


def done(seconds, status="Succeeded", of=OTHER):
    """An action that an execution has run."""
    return action(status, startTime=START, lastUpdateTime=moment(seconds), pipelineExecutionId=of)


def test_the_history_is_asked_for_once():
    # when
    shown = Shown(done(120), done(9_999, of=ID))
    first = looked(Progress(1, "InProgress"), shown)
    second = looked(first, shown)

    # then it tells the pace of the others
    assert first.pace == {"steps": [["Deploy", "Rollout", 120, 34]], "failing": 0.083}
    assert first.where == inside("Rollout", 50)
    assert second == first
    assert shown.asked == ["state", "history", "state"]


@pytest.mark.parametrize("history", [(), (done(120, "Failed"),), (done(120, of=ID),)])
def test_a_history_without_a_success_is_not_asked_for_again(history):
    assert looked(Progress(), Shown(*history)).pace == {}


def test_a_history_that_is_denied_or_odd_is_not_known_and_the_rest_is():
    class Denied(Shown):
        def list_action_executions(self, **_asked):
            raise OSError("no way")

    odd = Shown({"pipelineExecutionId": OTHER})
    for shown in (Denied(), odd):
        made = looked(Progress(4, "InProgress"), shown)
        assert made == Progress(4, "InProgress", where=inside("Rollout", 50), pace={})


@pytest.mark.parametrize("pace, then", [(None, {}), ({}, {}), (PACE, PACE)])
def test_what_cannot_be_asked_is_not_known_and_the_rest_stays(pace, then):
    # given a target that cannot be reached
    def connect(_target):
        raise OSError("no way")

    # when
    before = Progress(8, "InProgress", where={"stage": "Old"}, pace=pace)
    made = look_around(STATE, before, connect=connect)

    # then
    assert made == Progress(8, "InProgress", where=None, pace=then)
    if pace is None:  # the first looks try again
        assert look_around(STATE, replace(before, polls=7), connect=connect).pace is None


def test_the_action_that_began_last_counts_also_when_only_others_of_its_stage_run():
    # given two actions side by side, of which the one that began last has ended
    before = Progress(2, "InProgress", where=inside("Check", 55), pace=PACE)
    made = looked(before, Shown(running=[("Rollout", 50)]))

    # then
    assert made.where is not None
    assert made.where["actions"] == ["Rollout"]
    assert made.where["latest"] == {"action": "Check", "since": moment(55).isoformat()}
    assert made.where["seen"] == moment(60).isoformat()


@pytest.mark.parametrize(
    "before",
    [
        None,
        inside("Rollout", 40),  # a stage that is being retried
        {**inside("Check", 55), "stage": "Build"},
        {"stage": "Deploy", "waits": True},
    ],
)
def test_what_began_later_counts(before):
    made = looked(Progress(2, "InProgress", where=before, pace=PACE), Shown())
    assert made.where == inside("Rollout", 50)


def test_an_action_that_began_last_is_forgotten_when_nothing_runs():
    before = Progress(2, "InProgress", where=inside("Check", 55), pace=PACE)
    assert looked(before, Shown(running=[])).where == {"stage": "Deploy", "actions": []}


# --- when ---


def test_the_first_look_is_due():
    assert is_due(Progress(1)) is True


@pytest.mark.parametrize(
    "progress",
    [
        Progress(pace={}),
        Progress(pace={}, where=inside("Rollout", 0)),
        Progress(pace=PACE),
        Progress(pace=PACE, where={"stage": "Deploy", "behind": OTHER}),
        Progress(pace=PACE, where={**inside("Rollout", 0), "approval": {"action": "Rollout"}}),
        Progress(pace=PACE, where=inside("Renamed", 0)),
    ],
)
def test_people_and_what_is_not_known_are_due_with_every_fourth_look(progress, at):
    at(9_999)
    due = [n for n in range(1, 13) if is_due(replace(progress, polls=n))]
    assert due == [4, 8, 12]


@pytest.mark.parametrize("second, due", [(60, False), (100, False), (110, True)])
@pytest.mark.parametrize("polls", [1, 4])
def test_a_step_is_due_when_it_has_probably_ended(second, due, polls, at):
    at(second)
    assert is_due(Progress(polls, pace=PACE, where=inside("Rollout", 0, 10))) is due


def test_a_look_at_what_is_overdue_is_due_again_when_a_tenth_longer_has_passed(at):
    due = []
    for second in (1_050, 1_090, 1_101):
        at(second)
        due.append(is_due(Progress(2, pace=PACE, where=inside("Rollout", 0, 1_000))))
    assert due == [False, False, True]


@pytest.mark.parametrize(
    "where, runs",
    [
        (None, False),
        ({}, False),
        ({"stage": "Deploy", "actions": []}, False),
        ({"stage": "Deploy", "waits": True}, False),
        (inside("Rollout", 0), True),
        ({**inside("Rollout", 0), "stopping": True}, False),
    ],
)
def test_an_action_runs_if_one_was_seen_and_it_is_not_being_stopped(where, runs):
    assert runs_an_action(Progress(where=where)) is runs
