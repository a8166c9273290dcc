from __future__ import annotations

from typing import Any

import pytest

from codepipeline_orchestrator.aws.answers import ExecutionSummary
from codepipeline_orchestrator.pipeline.listing import Listed
from codepipeline_orchestrator.pipeline.running import find_running
from tests.function.runs import STATE


class Statuses:
    """A fake CodePipeline whose executions have all succeeded."""

    def __init__(self):
        self.read = 0

    def get_pipeline_execution(self, **_of):
        self.read += 1
        return {"pipelineExecution": {"status": "Succeeded"}}


@pytest.mark.parametrize("count, is_certain", [(10, True), (11, False)])
def test_at_most_ten_unknown_statuses_are_read_separately(count, is_certain):
    codepipeline: Any = Statuses()
    listed = Listed(tuple(ExecutionSummary(f"e{n}") for n in range(count)), is_whole=True)
    found = find_running(STATE.target, listed, codepipeline=codepipeline)
    assert (found.executions, found.is_certain, codepipeline.read) == ((), is_certain, 10)
