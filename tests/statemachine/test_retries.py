from __future__ import annotations

import itertools
import json

import pytest

from codepipeline_sandbox.faults import CallFault, InvocationFault
from tests.statemachine.reading import executions, result
from tests.statemachine.refusals import throttled

FUNCTION = "StartExecutionFunction"


@pytest.fixture
def attempts(cloud, company, world):
    moments = []
    invoke = cloud.functions.invoke

    def keep(function_arn, payload):
        if function_arn.endswith(f":{company.stack.resource(FUNCTION)}"):
            moments.append(world.now)
        return invoke(function_arn, payload)

    cloud.functions.invoke = keep
    return moments


def test_a_start_that_is_throttled_despite_sdk_retries_takes_effect_once(
    cloud, company, target, run, world, attempts
):
    # CodePipeline throttles all starts for 40 seconds.
    busy_until = world.now + 40
    asked = []

    def busy(call, proceed):
        if call.operation != "StartPipelineExecution":
            return proceed()
        asked.append(json.loads(call.request.body)["clientRequestToken"])
        return throttled(call) if world.now < busy_until else proceed()

    document = target()
    cloud.interceptors.append(busy)

    described = run(document)

    # Both the SDK and the state machine retry.
    assert len(asked) > len(attempts) > 1
    assert all(late - early >= 10 for early, late in itertools.pairwise(attempts))
    # All attempts have the same token, so only one execution is started.
    assert len(set(asked)) == 1
    (execution,) = executions(company)
    assert described["status"] == "SUCCEEDED"
    assert result(described)["pipelineExecutionId"] == execution["pipelineExecutionId"]


def test_a_start_whose_answer_is_lost_at_every_sdk_attempt_takes_effect_once(
    cloud, company, target, run, attempts
):
    # Each call takes effect, but the function's first invocation receives no answer.
    document = target()

    def lossy(call, proceed):
        answer = proceed()
        lost = call.operation == "StartPipelineExecution" and len(attempts) == 1
        return throttled(call) if lost else answer

    cloud.interceptors.append(lossy)

    described = run(document)

    assert len(attempts) == 2
    (execution,) = executions(company)
    assert result(described)["pipelineExecutionId"] == execution["pipelineExecutionId"]


def test_a_start_whose_function_dies_at_each_attempt_of_a_task_takes_effect_once(
    cloud, company, target, run, attempts
):
    # The function dies at least three times. The first time, it has already started the target.
    document = target()
    name = company.stack.resource(FUNCTION)
    cloud.faults.add(
        CallFault("killed-after", "codepipeline:StartPipelineExecution", function=name, times=1),
        InvocationFault("killed", name, seconds=0.0, start=30.0, end=100.0),
    )

    described = run(document)

    # A later attempt finds the execution that the first one started.
    assert len(attempts) > 3
    (execution,) = executions(company)
    assert described["status"] == "SUCCEEDED"
    assert result(described)["pipelineExecutionId"] == execution["pipelineExecutionId"]
