from __future__ import annotations

from datetime import timedelta

import pytest
from moto.core.exceptions import JsonRESTError

from tests.sandbox.codepipeline.declarations import ACCOUNT, REGION, ROLE, action, stage

MACHINE = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:run"


def release(**more):
    configuration = {"StateMachineArn": MACHINE, "Input": '{"a": 1}', **more}
    run = action("Run", "Invoke", "StepFunctions", configuration=configuration, namespace="Machine")
    return stage("Release", run)


@pytest.fixture
def pipeline(target, world):
    pipeline = target(release(ExecutionNamePrefix="release", InputType="Literal"))
    pipeline.start()
    world.run(world.now + 10)
    return pipeline


@pytest.mark.rule("A6")
def test_the_action_starts_an_execution_named_after_itself(pipeline, isolated_codepipeline):
    # then
    run = pipeline.action("Run")
    name = f"release-{run['actionExecutionId']}"
    arn = f"arn:aws:states:{REGION}:{ACCOUNT}:execution:run:{name}"
    assert isolated_codepipeline.state_machines.started == [(MACHINE, '{"a": 1}', name)]
    assert run["status"] == "InProgress"
    assert run["output"]["executionResult"]["externalExecutionId"] == arn
    assert isolated_codepipeline.access.asked == [
        (ROLE, "states:StartExecution", MACHINE),
        (ROLE, "states:DescribeExecution", arn),
    ]


@pytest.mark.rule("A6")
def test_the_action_succeeds_if_the_execution_succeeds(pipeline, isolated_codepipeline, world):
    # given
    [(arn, promise)] = isolated_codepipeline.state_machines.promises.items()

    # when
    promise.resolve({"status": "SUCCEEDED", "output": "{}"})
    world.run()

    # then
    run = pipeline.action("Run")
    assert run["status"] == "Succeeded"
    variables = {"StateMachineArn": MACHINE, "ExecutionArn": arn}
    assert run["output"]["outputVariables"] == variables


@pytest.mark.rule("A6")
@pytest.mark.parametrize("status", ["FAILED", "TIMED_OUT", "ABORTED"])
def test_the_action_fails_if_the_execution_fails(pipeline, isolated_codepipeline, world, status):
    # given
    [promise] = isolated_codepipeline.state_machines.promises.values()

    # when
    promise.resolve({"status": status, "error": "PipelineFailed", "cause": "Deploy failed " * 999})
    world.run()

    # then
    assert pipeline.summaries()[0]["status"] == "Failed"
    details = pipeline.action("Run")["output"]["executionResult"]["errorDetails"]
    assert details["code"] == "JobFailed"
    assert details["message"].startswith(f"Execution {status}: PipelineFailed: Deploy failed")
    assert len(details["message"]) == 5000


def test_an_execution_may_end_without_an_error_text(pipeline, isolated_codepipeline, world):
    # given
    [promise] = isolated_codepipeline.state_machines.promises.values()

    # when
    promise.resolve({"status": "ABORTED"})
    world.run()

    # then
    details = pipeline.action("Run")["output"]["executionResult"]["errorDetails"]
    assert details["message"] == "Execution ABORTED"


@pytest.mark.rule("A6")
def test_an_action_runs_for_at_most_seven_days(pipeline, isolated_codepipeline, world):
    # given
    began = pipeline.action("Run")["startTime"]

    # when
    world.run()

    # then
    run = pipeline.action("Run")
    assert run["status"] == "Failed"
    assert run["lastUpdateTime"] - began == timedelta(days=7)
    [promise] = isolated_codepipeline.state_machines.promises.values()
    promise.resolve({"status": "SUCCEEDED"})
    assert pipeline.action("Run")["status"] == "Failed"


def test_a_role_that_no_longer_trusts_codepipeline_fails_the_action(
    target, world, isolated_codepipeline
):
    # given
    pipeline = target(release())
    isolated_codepipeline.access.untrusting.add(ROLE)

    # when
    pipeline.start()
    world.run()

    # then
    details = pipeline.action("Run")["output"]["executionResult"]["errorDetails"]
    assert details["code"] == "PermissionError"
    assert isolated_codepipeline.state_machines.started == []


@pytest.mark.parametrize("denied", ["states:StartExecution", "states:DescribeExecution"])
def test_a_role_without_permission_fails_the_action(target, world, isolated_codepipeline, denied):
    # given
    isolated_codepipeline.access.denied.add(denied)
    pipeline = target(release())

    # when
    pipeline.start()
    world.run()

    # then
    details = pipeline.action("Run")["output"]["executionResult"]["errorDetails"]
    assert details["code"] == "PermissionError"
    assert denied in details["message"]
    assert isolated_codepipeline.state_machines.started == []


def test_an_execution_that_cannot_be_started_fails_the_action(
    target, world, isolated_codepipeline, monkeypatch
):
    # given
    def missing(*_):
        raise JsonRESTError("StateMachineDoesNotExist", "State Machine Does Not Exist")

    monkeypatch.setattr(isolated_codepipeline.state_machines, "start", missing)
    pipeline = target(release())

    # when
    pipeline.start()
    world.run()

    # then
    details = pipeline.action("Run")["output"]["executionResult"]["errorDetails"]
    assert "State Machine Does Not Exist" in details["message"]


def test_an_abandoned_action_no_longer_follows_the_execution(
    pipeline, isolated_codepipeline, world
):
    # given
    execution_id = pipeline.summaries()[0]["pipelineExecutionId"]
    [promise] = isolated_codepipeline.state_machines.promises.values()

    # when
    pipeline.stop(execution_id, abandon=True)
    promise.resolve({"status": "SUCCEEDED"})
    world.run()

    # then
    assert pipeline.action("Run")["status"] == "Abandoned"
    assert pipeline.status(execution_id) == "Stopped"


def test_an_input_file_is_not_supported(target, refused):
    with refused("InvalidActionDeclarationException", "Literal", "Run"):
        target(release(InputType="FilePath"))
