from __future__ import annotations

import itertools
from contextlib import contextmanager

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from codepipeline_orchestrator.aws.refusals import FINAL_FOR_ROLE, FINAL_FOR_TARGET
from codepipeline_sandbox.codepipeline import Act
from playground.company import SECOND, Action
from tests.statemachine.operating import start_run
from tests.statemachine.reading import result
from tests.statemachine.refusals import refused

FINAL = FINAL_FOR_TARGET.keys() | FINAL_FOR_ROLE
CALLS = [
    "sts:AssumeRole",
    "codepipeline:StartPipelineExecution",
    "codepipeline:GetPipelineExecution",
    "codepipeline:GetPipelineState",
    "codepipeline:GetPipeline",
    "codepipeline:ListActionExecutions",
    "codepipeline:ListPipelineExecutions",
    "codepipeline:RetryStageExecution",
]
CODES = st.sampled_from(
    [
        "ConflictException",
        "ConcurrentPipelineExecutionsLimitExceededException",
        "ExpiredTokenException",
        "InvalidNextTokenException",
        "OptInRequired",
        "RequestExpired",
        "RequestThrottledException",
        "UnrecognizedClientException",
    ]
) | st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", min_size=1, max_size=30)
NAMES = itertools.count()
every_call = settings(max_examples=4, suppress_health_check=[HealthCheck.function_scoped_fixture])


@contextmanager
def refusing(cloud, asked, code, status, times):
    left = [times]

    def refuse(call, proceed):
        operation = f"{call.service}:{call.operation}"
        if operation != asked or not left[0]:
            return proceed()
        left[0] -= 1
        return refused(call, code, status)

    cloud.interceptors.append(refuse)
    try:
        yield left
    finally:
        cloud.interceptors.remove(refuse)


def played(company, world, acts, **more):
    name = f"deploy-{next(NAMES)}"
    company.add_pipeline(name, {"Deploy": [Action("Rollout", acts)]}, account=SECOND)
    document = {"pipelineName": name, "roleArn": company.target_roles[SECOND], **more}
    arn = start_run(company, document)
    world.run()
    return result(company.stepfunctions().describe_execution(executionArn=arn))


@pytest.mark.long
@pytest.mark.parametrize("call", CALLS)
def test_only_a_final_error_changes_the_outcome(cloud, company, world, call):
    @every_call
    @given(CODES, st.integers(400, 599), st.integers(1, 20))
    @example("RequestExpired", 403, 1)
    @example("RequestThrottledException", 400, 9)
    @example("ValidationException", 500, 3)
    def play(code, status, times):
        assume(code not in FINAL or status >= 500)
        # The target fails at first and succeeds when its stage is retried.
        acts = (Act(90, outcome="Failed"), Act(90))
        with refusing(cloud, call, code, status, times) as left:
            end = played(company, world, acts, maxStageRetries=1)
        assert left[0] < times
        assert (end["outcome"], end["stageRetries"]) == ("Succeeded", 1)

    play()


@pytest.mark.long
@pytest.mark.parametrize("call", ["codepipeline:StopPipelineExecution", "sts:AssumeRole"])
def test_only_a_final_error_keeps_a_late_target_from_being_stopped(cloud, company, world, call):
    @every_call
    @given(CODES, st.integers(400, 599), st.integers(1, 9))
    def play(code, status, times):
        assume(code not in FINAL)
        with refusing(cloud, call, code, status, times):
            end = played(company, world, (Act(600),), timeoutMinutes=3, onTimeout="stop")
        assert (end["outcome"], end["stopped"]) == ("TimedOut", True)

    play()


@pytest.mark.parametrize("call", CALLS[:3])
def test_a_run_whose_calls_always_fail_ends_at_its_deadline_and_gives_the_reason(
    cloud, company, world, call
):
    with refusing(cloud, call, "SomethingNew", 400, 10_000):
        end = played(company, world, (Act(90),), timeoutMinutes=5)
    assert (end["outcome"], end["status"]) == ("TimedOut", "unreadable")
    assert "AWS returned an error: SomethingNew: No." in end["message"]


def test_a_retry_whose_answer_is_lost_for_minutes_counts_once(cloud, company, world):
    # The first retry takes effect, but the run gets errors and cannot see it for 3 minutes.
    until: list[float] = []

    def lossy(call, proceed):
        if call.operation == "RetryStageExecution" and not until:
            until.append(world.now + 180)
            proceed()
        hidden = call.operation in {"RetryStageExecution", "ListActionExecutions"}
        if hidden and until and world.now < until[0]:
            return refused(call, "RequestExpired", 403)
        return proceed()

    cloud.interceptors.append(lossy)

    acts = (Act(30, outcome="Failed"), Act(5, outcome="Failed"), Act(5))
    end = played(company, world, acts, maxStageRetries=1)

    assert (end["outcome"], end["stageRetries"]) == ("Failed", 1)
