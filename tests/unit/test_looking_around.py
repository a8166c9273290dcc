"""When a run looks at more than the status, and what a success usually takes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from orchestrator.looking_around import look_around
from orchestrator.run_state import Progress
from tests.function.runs import ID, OTHER, STATE, summary

LOOK = 5
START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
WHERE = {"stage": "Deploy", "actions": ["Rollout"]}


class Shown:
    """CodePipeline with executions to list, and this execution in an action."""

    def __init__(self, *executions):
        self.executions = executions

    def list_pipeline_executions(self, **asked):
        assert asked == {"pipelineName": "deploy", "maxResults": 30}
        return {"pipelineExecutionSummaries": list(self.executions)}

    def get_pipeline_state(self, *, name):
        assert name == "deploy"
        inside = {"actionName": "Rollout", "latestExecution": {"status": "InProgress"}}
        latest = {"pipelineExecutionId": ID, "status": "InProgress"}
        stage = {"stageName": "Deploy", "latestExecution": latest, "actionStates": [inside]}
        return {"stageStates": [stage]}


def looked(progress, *executions, at_the_end=False):
    codepipeline: Any = Shown(*executions)
    return look_around(STATE, progress, at_the_end=at_the_end, connect=lambda _target: codepipeline)


def took(minutes, status="Succeeded", **more):
    end = START + timedelta(minutes=minutes)
    return {**summary(OTHER, status), "startTime": START, "lastUpdateTime": end, **more}


def test_it_is_asked_twice_at_first_then_with_every_fourth_look():
    asked = [n for n in range(14) if looked(Progress(n, typicalSeconds=0)).where]
    assert asked == [0, 1, 2, 4, 8, 12]


@pytest.mark.parametrize(
    "progress, at_the_end", [(Progress(LOOK), False), (Progress(LOOK, typicalSeconds=0), True)]
)
def test_a_new_execution_and_the_end_are_looked_at_in_any_case(progress, at_the_end):
    assert looked(progress, at_the_end=at_the_end).where == WHERE


@pytest.mark.parametrize(
    "executions, seconds",
    [
        ([], 0),
        ([took(2)], 120),
        ([took(1), took(2), took(60)], 120),
        ([took(2), took(9, "Failed"), took(9, executionType="ROLLBACK")], 120),
        ([took(2), took(4, executionType="STANDARD")], 180),
        ([took(9, "Failed")], 0),
    ],
)
def test_what_a_success_takes_is_the_median_of_the_recent_ones(executions, seconds):
    assert looked(Progress(), *executions).typicalSeconds == seconds


@pytest.mark.parametrize("typical, then", [(None, 0), (120, 120)])
def test_what_cannot_be_asked_is_not_known_and_the_rest_stays(typical, then):
    # given a target that cannot be reached
    def connect(_target):
        raise OSError("no way")

    # when
    before = Progress(4, "InProgress", where={"stage": "Old"}, typicalSeconds=typical)
    made = look_around(STATE, before, at_the_end=False, connect=connect)

    # then
    assert made == Progress(4, "InProgress", where=None, typicalSeconds=then)
