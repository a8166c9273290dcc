from __future__ import annotations

from typing import Any

import pytest

from codepipeline_orchestrator.aws.answers import ExecutionSummary
from codepipeline_orchestrator.pipeline.listing import Listed
from codepipeline_orchestrator.pipeline.running import find_running
from tests.function.runs import STATE


class Statuses:
    def __init__(self, *stages):
        self.stages = stages or ({"stageName": "Deploy"},)
        self.read = 0

    def get_pipeline_execution(self, **_of):
        self.read += 1
        return {"pipelineExecution": {"status": "Succeeded"}}

    def get_pipeline_state(self, **_of):
        return {"stageStates": list(self.stages)}


@pytest.mark.parametrize("count, is_certain", [(10, True), (11, False)])
def test_at_most_ten_unknown_statuses_are_read_separately(count, is_certain):
    codepipeline: Any = Statuses()
    listed = Listed(tuple(ExecutionSummary(f"e{n}") for n in range(count)), is_whole=True)
    found = find_running(STATE.target, listed, codepipeline=codepipeline)
    assert (found.executions, found.is_certain, codepipeline.read) == ((), is_certain, 10)


@pytest.mark.parametrize(
    "modes, is_certain",
    [
        (["QUEUED", "SUPERSEDED"], True),
        (["QUEUED", "PARALLEL"], False),
        (["PARALLEL", "PARALLEL"], False),
    ],
)
def test_an_incomplete_list_is_certain_only_if_the_state_shows_all_executions(modes, is_certain):
    codepipeline: Any = Statuses()
    read = tuple(ExecutionSummary("e", "Succeeded", execution_mode=mode) for mode in modes)
    found = find_running(STATE.target, Listed(read, is_whole=False), codepipeline=codepipeline)
    assert (found.executions, found.is_certain) == ((), is_certain)


def test_an_execution_that_the_state_shows_twice_is_found_once():
    older, newer = ({"pipelineExecutionId": each, "status": "InProgress"} for each in "ab")
    codepipeline: Any = Statuses(
        {"stageName": "Build", "latestExecution": newer},
        {"stageName": "Test", "inboundExecution": newer, "inboundExecutions": [newer]},
        {"stageName": "Deploy", "latestExecution": older},
    )
    found = find_running(STATE.target, Listed((), is_whole=False), codepipeline=codepipeline)
    assert sorted(str(each.pipeline_execution_id) for each in found.executions) == ["a", "b"]
