from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from codepipeline_orchestrator.model.state import Execution
from codepipeline_orchestrator.pipeline.replacement import Replacement, find_replacement
from tests.function.runs import ID, START, STATE, moment, summary


class Versions:
    def __init__(self, *versions, ended=60):
        self.versions = {f"e{n}": version for n, version in enumerate(versions)}
        self.ended = None if ended is None else moment(ended)
        self.read: list[str] = []

    def list_pipeline_executions(self, **_of):
        ended = {**summary(ID, "Cancelled"), "startTime": START, "lastUpdateTime": self.ended}
        later = [
            {**summary(name, "InProgress"), "startTime": START + timedelta(seconds=n + 1)}
            for n, name in enumerate(self.versions)
        ]
        return {"pipelineExecutionSummaries": [*later, ended]}

    def get_pipeline_execution(self, *, pipelineExecutionId, **_of):  # noqa: N803 - AWS's name
        self.read.append(pipelineExecutionId)
        return {"pipelineExecution": {"pipelineVersion": self.versions[pipelineExecutionId]}}

    def get_pipeline_state(self, **_of):
        return {"pipelineVersion": 4}


@pytest.mark.parametrize(
    "versions, found",
    [
        ([3, None, 4], Replacement(Execution("e2", moment(3)))),
        ([*[3] * 19, 4], Replacement(Execution("e19", moment(20)))),
        ([*[3] * 20, 4], Replacement(may_come=True)),
    ],
)
def test_the_replacement_is_searched_for_among_twenty_executions(at, versions, found):
    codepipeline: Any = Versions(*versions)
    ended = Execution(ID, START)
    made = find_replacement(STATE.target, ended, 3, now=moment(90), codepipeline=codepipeline)
    assert made == found
    assert len(codepipeline.read) <= 20


@pytest.mark.parametrize("ended, may_come", [(60, True), (None, False)])
def test_a_replacement_is_not_awaited_if_the_end_time_is_unknown(at, ended, may_come):
    codepipeline: Any = Versions(ended=ended)
    followed = Execution(ID, START)
    made = find_replacement(STATE.target, followed, 3, now=moment(90), codepipeline=codepipeline)
    assert made == Replacement(may_come=may_come)
