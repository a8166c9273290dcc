from __future__ import annotations

import pytest

from codepipeline_orchestrator.errors import TargetAccessDenied
from codepipeline_orchestrator.model.documents import from_document
from codepipeline_orchestrator.model.request import Request
from codepipeline_orchestrator.model.state import Execution, RunState
from codepipeline_orchestrator.model.target import Target
from codepipeline_orchestrator.pipeline.permissions import all_named, needed

TARGET = Target("deploy", "222233334444", "eu-west-1", "aws", "arn", None, "run-1")
START, GET, LIST = "StartPipelineExecution", "GetPipelineExecution", "ListPipelineExecutions"
STATE = "GetPipelineState"
ACTIONS, STOP, RETRY = "ListActionExecutions", "StopPipelineExecution", "RetryStageExecution"
ID = "aaaaaaaa-1111-2222-3333-444444444444"


def request(**more):
    times = {"startedAt": "2026-01-05T09:00:00+00:00", "deadline": "2026-01-06T09:00:00+00:00"}
    return from_document(Request, {"mode": "start", "wait": True, **times, **more})


@pytest.mark.parametrize(
    "asked, actions",
    [
        ({}, [START, GET]),
        ({"wait": False}, [START]),
        ({"ifRunning": "join"}, [START, GET, LIST]),
        ({"mode": "latest"}, [GET, LIST]),
        ({"mode": "idle"}, [LIST]),
        ({"pipelineExecutionId": ID}, [GET]),
        ({"onSuperseded": "follow"}, [START, GET, LIST]),
        ({"onRestarted": "follow"}, [START, GET, LIST, STATE]),
        ({"onTimeout": "stop"}, [START, GET, STOP]),
        ({"onAbort": "abandon"}, [START, GET, STOP]),
        ({"maxStageRetries": 1}, [START, GET, ACTIONS, RETRY]),
        ({"outputVariables": ["Build.VERSION"]}, [START, GET, ACTIONS]),
    ],
)
def test_the_needed_permissions_follow_from_the_input(asked, actions):
    assert needed(request(**asked)) == actions


@pytest.mark.parametrize(
    "execution, end",
    [
        (None, "codepipeline:GetPipelineState."),
        (
            Execution(ID),
            f"codepipeline:GetPipelineState. The execution {ID} was left unchanged.",
        ),
    ],
)
def test_the_error_for_a_denied_call_names_all_permissions_that_are_needed(execution, end):
    # The input sets onSuperseded to follow, but the role may only start executions.
    state = RunState("run", TARGET, request(onSuperseded="follow"), execution)

    with pytest.raises(TargetAccessDenied) as caught, all_named(state):
        raise TargetAccessDenied("It may not.")

    assert str(caught.value) == (
        "It may not. For this run, the role needs codepipeline:StartPipelineExecution, "
        "codepipeline:GetPipelineExecution, codepipeline:ListPipelineExecutions. To show progress "
        "and why a target failed, the role also needs codepipeline:ListActionExecutions, "
        f"{end}"
    )


@pytest.mark.parametrize(
    "asked, last",
    [({"mode": "idle"}, STATE), ({"onRestarted": "follow", "maxStageRetries": 1}, RETRY)],
)
def test_a_permission_that_is_always_needed_is_not_named_twice(asked, last):
    state = RunState("run", TARGET, request(**asked), None)
    with pytest.raises(TargetAccessDenied) as caught, all_named(state):
        raise TargetAccessDenied("It may not.")
    assert str(caught.value).count("ListPipelineExecutions") == 1
    assert str(caught.value).endswith(f" codepipeline:{last}.")
