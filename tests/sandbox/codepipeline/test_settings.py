from __future__ import annotations

from datetime import timedelta

import pytest

from codepipeline_sandbox.codepipeline import Act
from tests.sandbox.codepipeline.declarations import (
    ACCOUNT,
    REGION,
    action,
    condition,
    function,
    source,
    stage,
)

PARALLEL = {"pipelineType": "V2", "executionMode": "PARALLEL"}
LAMBDA = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:ask"
MACHINE = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:release"


@pytest.mark.rule("A2", "A3", "A6", "A11", "S13")
@pytest.mark.parametrize(
    "changed, act",
    [
        ({"timeout_error_code": "Mine", "job_limit": 600}, function()),
        ({"timeout_error_code": "Mine", "approval_limit": 600}, action("A", "Approval", "Manual")),
        (
            {"timeout_error_code": "Mine", "state_machine_limit": 600},
            action("A", "Invoke", "StepFunctions", configuration={"StateMachineArn": MACHINE}),
        ),
        (
            {"unresolved_reference_code": "Mine"},
            action("A", configuration={"ProjectName": "#{Found.Nothing}"}),
        ),
        (
            {"oversized_configuration_code": "Mine"},
            action("A", configuration={"ProjectName": "#{Found.Large}"}),
        ),
    ],
)
def test_the_limits_of_an_action_and_their_error_codes_are_settings(
    target, world, behave, play, changed, act
):
    # given
    behave(**changed)
    play("Source", "Checkout", Act(output_variables={"Large": "x" * 110_000}))
    pipeline = target(stage("Go", act), first=source(namespace="Found"))

    # when
    pipeline.start()
    world.run()

    # then
    run = pipeline.action(act["name"])
    assert run["output"]["executionResult"]["errorDetails"]["code"] == "Mine"
    limits = {value for value in changed.values() if value != "Mine"} or {0}
    assert run["lastUpdateTime"] - run["startTime"] == timedelta(seconds=limits.pop())


def test_the_error_code_of_a_function_that_does_not_exist_is_a_setting(
    target, world, behave, isolated_codepipeline
):
    # given
    behave(missing_function_code="Mine")
    isolated_codepipeline.functions.missing.add(LAMBDA)
    pipeline = target(stage("Go", function()))

    # when
    pipeline.start()
    world.run()

    # then
    result = pipeline.action("Ask")["output"]["executionResult"]
    assert result["errorDetails"]["code"] == "Mine"


@pytest.mark.rule("A5", "C1")
def test_the_duration_of_unscripted_actions_and_rules_is_a_setting(target, world, behave):
    # given
    behave(action_duration=60, rule_duration=10)
    pipeline = target(stage("Go", action("A"), beforeEntry=condition("FAIL")), pipelineType="V2")

    # when
    execution_id = pipeline.start()
    began = world.now
    world.run()

    # then
    assert pipeline.status(execution_id) == "Succeeded"
    assert world.now - began == 60 + 10 + 60


@pytest.mark.rule("M7")
def test_the_number_of_concurrent_actions_in_a_parallel_execution_is_a_setting(
    target, world, behave
):
    # given
    behave(parallel_actions=2, action_duration=10)
    pipeline = target(stage("Go", *(action(name) for name in "ABC")), **PARALLEL)

    # when
    execution_id = pipeline.start()
    world.run(world.now + 15)

    # then
    assert [run["actionName"] for run in pipeline.actions(execution_id)] == ["Checkout", "A", "B"]


@pytest.mark.rule("E22")
def test_the_time_for_which_executions_are_kept_is_a_setting(target, world, behave, refused):
    # given
    behave(history_kept=3600)
    pipeline = target()
    execution_id = pipeline.start()
    world.run(world.now + 3600)

    # when, then
    assert pipeline.status(execution_id) == "Succeeded"
    world.run(world.now + 1)
    with refused("PipelineExecutionNotFoundException"):
        pipeline.execution(execution_id)


@pytest.mark.rule("P3")
def test_the_default_pipeline_type_is_a_setting(client, target, behave):
    behave(default_pipeline_type="V2")
    target()

    assert client.get_pipeline(name="target")["pipeline"]["pipelineType"] == "V2"
