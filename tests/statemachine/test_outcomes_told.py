"""In random worlds, the outcome told is the outcome of the execution that was followed."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import timedelta
from random import Random

import pytest

from sandbox.company import SECOND, Company
from tests.statemachine.random_worlds import play
from tests.statemachine.reading import result

ENDS = {"Succeeded", "Failed", "Stopped", "Cancelled", "Superseded"}
GOING_ON = {"InProgress", "Stopping"}
STATUSES = {"STARTED": "InProgress", "RESUMED": "InProgress", "CANCELED": "Cancelled"}
MOMENT = 3.0  # seconds from the last look to the end of the run
STATE_CHANGE = "CodePipeline Pipeline Execution State Change"


class History:
    """What was to be seen of each execution, and when."""

    def __init__(self, cloud):
        self.changes = defaultdict(list)
        self.pipelines = {}
        self._world = cloud.world
        cloud.events.watch(self._keep)

    def _keep(self, event):
        detail = event["detail"]
        if event["detail-type"] == STATE_CHANGE:
            status = STATUSES.get(detail["state"], detail["state"].capitalize())
            self.changes[detail["execution-id"]].append((self._world.now, status))
            self.pipelines[detail["execution-id"]] = detail["pipeline"]

    def seen(self, execution, until, moment=MOMENT):
        """The statuses of an execution in the moment before this time."""
        shown = [(at, status) for at, status in self.changes[execution] if at <= until]
        late = [status for at, status in shown if at > until - moment]
        early = [status for at, status in shown if at <= until - moment]
        return {*early[-1:], *late}

    def going_on(self, pipeline, until):
        """The executions of a pipeline that went on all the moment before this time."""
        return [
            each
            for each, name in self.pipelines.items()
            if name == pipeline and (seen := self.seen(each, until)) and seen <= GOING_ON
        ]


@pytest.fixture
def company(cloud):
    return Company(cloud, targets=(SECOND,))


@pytest.mark.parametrize("seed", range(5))
def test_the_outcome_told_is_the_outcome_of_the_execution_that_was_followed(cloud, company, seed):
    # given a world in which people do what they like
    history = History(cloud)
    targets, runs = play(company, Random(seed))  # noqa: S311 - repeatable on purpose

    # then each run has told the truth, about the execution that it had to follow
    stepfunctions = company.stepfunctions()
    for run in runs:
        described = stepfunctions.describe_execution(executionArn=run)
        assert described["status"] in {"SUCCEEDED", "FAILED"}
        check_told(described, result(described), history)
        check_deadline(described)
    # and what the events tell is what CodePipeline shows in the end
    for target in targets:
        for each in target.executions():
            seen = history.seen(each["pipelineExecutionId"], cloud.world.now, moment=0)
            assert seen == {each["status"]}


def check_told(described, told, history):
    asked = json.loads(described["input"])
    ended = described["stopDate"].timestamp()
    outcome, execution = told["outcome"], told.get("pipelineExecutionId")
    running = history.going_on(asked["pipelineName"], ended)
    if outcome in ENDS:
        assert outcome in history.seen(execution, ended), told
        check_policies(asked, told)
    elif outcome == "TimedOut":
        # What is idle only at the deadline is not started any more.
        idle_too_late = asked.get("mode") != "idle"
        there = history.seen(execution, ended) & GOING_ON if execution else running
        assert there or (execution is None and idle_too_late), told
        assert described["stopDate"] - described["startDate"] >= minutes_of(asked)
    elif outcome == "Started":
        assert history.pipelines[execution] == asked["pipelineName"], told
    elif outcome == "Skipped":
        assert history.seen(execution, ended) & GOING_ON, told
    elif outcome == "Idle":
        assert running == [], told
    else:
        assert told["error"] == "PipelineNeverRun", told
        assert asked["onNeverRun"] == "fail"
    assert (described["status"] == "SUCCEEDED") is ("error" not in told)


def check_policies(asked, told):
    """What the input asks for besides was heeded."""
    superseded = told["outcome"] == "Superseded"
    assert not (superseded and asked.get("onSuperseded") == "follow"), told
    assert told.get("stageRetries", 0) <= asked.get("maxStageRetries", 0)
    good = told["outcome"] == "Succeeded" or (superseded and asked.get("onSuperseded") == "succeed")
    assert ("error" not in told) is good


def check_deadline(described):
    took = described["stopDate"] - described["startDate"]
    assert took < minutes_of(json.loads(described["input"])) + timedelta(seconds=MOMENT)


def minutes_of(asked):
    return timedelta(minutes=asked.get("timeoutMinutes", 10_080))
