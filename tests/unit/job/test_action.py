from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from codepipeline_orchestrator.aws.answers import PipelineContext, read_answer
from codepipeline_orchestrator.job.action import has_ended
from tests.unit.job.actions import CONTEXT, Answers, refused


def ended(statuses, context=CONTEXT):
    codepipeline: Any = Answers(statuses=statuses)
    return has_ended(context, codepipeline=codepipeline), codepipeline.asked


@pytest.mark.parametrize(
    "statuses, is_over",
    [
        (["InProgress"], False),
        (["Succeeded"], True),
        (["Failed"], True),
        (["Abandoned"], True),
        (["Failed", "InProgress"], False),  # The stage was retried.
        (["Abandoned", "Failed"], True),
        (["Paused"], False),
        ([None], False),
        ([], False),  # The action is not listed yet.
    ],
)
def test_an_action_has_ended_when_all_its_executions_have_ended(statuses, is_over):
    assert ended(statuses) == (
        is_over,
        [{"pipelineName": "release", "filter": {"pipelineExecutionId": "e1"}}],
    )


@pytest.mark.parametrize(
    "error",
    [
        refused("AccessDeniedException"),
        refused("ThrottlingException"),
        EndpointConnectionError(endpoint_url="https://codepipeline"),
    ],
)
def test_an_action_that_cannot_be_read_counts_as_running(error):
    assert ended(error)[0] is False


@pytest.mark.parametrize("missing", ["pipelineName", "pipelineExecutionId", "action"])
def test_an_action_without_a_name_is_not_looked_up(missing):
    document = {
        "pipelineName": "release",
        "pipelineExecutionId": "e1",
        "action": {"actionExecutionId": "a1"},
    }
    del document[missing]
    assert ended(["Abandoned"], read_answer(PipelineContext, document)) == (False, [])
