from __future__ import annotations

from dataclasses import replace

import pytest

from tests.function.runs import ID, OTHER, asked, begun, lists, summary


@pytest.mark.parametrize("busy", [True, False])
def test_a_second_attempt_remembers_that_the_first_may_have_started_the_target(
    codepipeline, at, busy
):
    if busy:
        lists(codepipeline, summary(OTHER, "InProgress"))
        codepipeline.add_client_error("get_pipeline_state", "ThrottlingException")
    else:
        codepipeline.add_client_error("list_pipeline_executions", "ThrottlingException")
    state = replace(asked(ifRunning="wait" if busy else "start"), attempt=1, execution=None)
    made = begun(state, codepipeline)
    assert made["ended"] is False
    assert "startTriedAt" in made["changes"]["memory"]


def test_a_start_that_is_not_listed_yet_is_remembered(codepipeline, at):
    lists(codepipeline)
    codepipeline.add_response("start_pipeline_execution", {"pipelineExecutionId": ID})
    lists(codepipeline)
    variables = [{"name": "VERSION", "value": "1"}]
    state = replace(asked(hasToken=True, variables=variables), execution=None)
    made = begun(state, codepipeline)
    assert made["ended"] is False
    assert "startTriedAt" in made["changes"]["memory"]
