from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from codepipeline_orchestrator.model.documents import to_document
from codepipeline_orchestrator.model.progress import Progress, RunningAction
from codepipeline_orchestrator.model.state import Memory
from codepipeline_orchestrator.polling.pace import Pace, Step
from codepipeline_orchestrator.polling.refresh import is_progress_due, refreshed
from tests.function.runs import ID, OTHER, START, TARGET, action, moment

PACE = to_document(Pace((Step("Deploy", "Rollout", 130), Step("Deploy", "Check", 30))))


def inside(name, since):
    """The progress of an execution in stage Deploy, with the start of its newest action."""
    return Progress("Deploy", (name,), latest=RunningAction(name, moment(since)))


class Shown:
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


def read(memory, connect):
    return refreshed(memory, TARGET, ID, connect=connect)


def read_again(memory, shown):
    codepipeline: Any = shown
    return read(memory, lambda _target: codepipeline)


def done(seconds, status="Succeeded", of=OTHER):
    return action(status, startTime=START, lastUpdateTime=moment(seconds), pipelineExecutionId=of)


def test_the_history_is_read_once():
    shown = Shown(done(120), done(9_999, of=ID))
    first = read_again(Memory(1, "InProgress"), shown)
    second = read_again(first, shown)

    assert first.pace == to_document(Pace((Step("Deploy", "Rollout", 120),)))
    assert first.progress == inside("Rollout", 50)
    assert second == first
    assert shown.asked == ["state", "history", "state"]


@pytest.mark.parametrize("history", [(), (done(120, "Failed"),), (done(120, of=ID),)])
def test_a_history_without_a_success_is_not_read_again(history):
    assert read_again(Memory(), Shown(*history)).pace == {}


def test_a_denied_or_malformed_history_only_leaves_the_pace_unknown():
    class Denied(Shown):
        def list_action_executions(self, **_asked):
            raise OSError("no way")

    odd = Shown({"pipelineExecutionId": OTHER})
    for shown in (Denied(), odd):
        made = read_again(Memory(4, "InProgress"), shown)
        assert made == Memory(4, "InProgress", progress=inside("Rollout", 50), pace={})


@pytest.mark.parametrize("pace, then", [(None, {}), ({}, {}), (PACE, PACE)])
def test_an_unreachable_target_only_leaves_the_pace_unknown(pace, then):
    def connect(_target):
        raise OSError("no way")

    before = Memory(8, "InProgress", progress=Progress("Old"), pace=pace)
    made = read(before, connect)

    assert made == Memory(8, "InProgress", progress=None, pace=then)
    if pace is None:  # A pace of None makes early polls read the history again.
        assert read(replace(before, polls=7), connect).pace is None


def test_the_latest_progress_is_kept():
    before = Memory(2, "InProgress", progress=inside("Check", 55), pace=PACE)
    assert read_again(before, Shown()).progress == inside("Rollout", 50)
    assert read_again(before, Shown(running=[])).progress == Progress("Deploy", ())


RUNS = inside("Rollout", 0)


def due(memory):
    return [n for n in range(1, 13) if is_progress_due(replace(memory, polls=n))]


def test_progress_is_read_until_the_pace_is_known():
    assert due(Memory()) == list(range(1, 13))


@pytest.mark.parametrize("polls, is_due", [(0, True), (2, True), (3, False)])
@pytest.mark.parametrize("pace", [None, {}, PACE])
def test_while_an_action_runs_three_of_four_polls_read_the_progress(polls, is_due, pace):
    memory = Memory(5, pace=pace, progress=RUNS, progress_polls=polls)
    assert is_progress_due(memory) is is_due


@pytest.mark.parametrize(
    "progress",
    [None, Progress("Deploy", ()), Progress("Deploy", waits=True), replace(RUNS, stopping=True)],
)
@pytest.mark.parametrize("pace", [{}, PACE])
def test_otherwise_every_fourth_poll_reads_the_progress(progress, pace):
    assert due(Memory(pace=pace, progress=progress)) == [4, 8, 12]
