from __future__ import annotations

from typing import Any

import pytest

from codepipeline_sandbox import codepipeline
from codepipeline_sandbox.codepipeline import Act
from tests.sandbox.codepipeline.declarations import (
    ACCOUNT,
    REGION,
    action,
    condition,
    pipeline,
    rule,
    stage,
    variable_check,
)

V2: dict[str, Any] = {"pipelineType": "V2"}
CHECKED = stage(
    "Deploy",
    action("Ship"),
    beforeEntry=condition("FAIL", rule("First"), rule("Second")),
    onSuccess=condition("FAIL", rule("First")),
)
STRUCTURE = "InvalidStructureException"
STAGE = "InvalidStageDeclarationException"
SHIP = stage("Deploy", action("Ship"))


def with_rule(declared, kind="beforeEntry", result="FAIL"):
    return pipeline({**SHIP, kind: condition(result, declared)}, **V2)


@pytest.mark.rule("C12")
def test_rule_executions_are_listed_newest_first_in_pages(target, client, world, play_rule):
    # given
    play_rule(
        "Deploy",
        "beforeEntry",
        Act(
            summary="quiet",
            external_execution_id="alarm-1",
            external_url="https://example.com/alarm",
        ),
        rule="First",
    )
    made = target(CHECKED, **V2)
    execution_id = made.start()
    world.run()

    # when
    pages = client.get_paginator("list_rule_executions").paginate(
        pipelineName="target", PaginationConfig={"PageSize": 2}
    )
    found = [each for page in pages for each in page["ruleExecutionDetails"]]

    # then
    assert [each["ruleName"] for each in found] == ["First", "Second", "First"]
    oldest = found[-1]
    assert oldest["pipelineExecutionId"] == execution_id
    assert oldest["pipelineVersion"] == 1
    assert oldest["stageName"] == "Deploy"
    assert oldest["status"] == "Succeeded"
    assert oldest["input"]["ruleTypeId"]["provider"] == "LambdaInvoke"
    assert oldest["input"]["region"] == REGION
    assert oldest["output"]["executionResult"] == {
        "externalExecutionId": "alarm-1",
        "externalExecutionSummary": "quiet",
        "externalExecutionUrl": "https://example.com/alarm",
    }


@pytest.mark.rule("C12")
def test_rule_executions_can_be_filtered_by_execution_and_attempt(
    target, world, play_rule, refused
):
    # given
    play_rule("Deploy", "onSuccess", Act(outcome="Failed"), Act(), rule="First")
    made = target(CHECKED, **V2)
    execution_id = made.start()
    world.run()
    made.retry(execution_id, "Deploy")
    world.run()
    made.start()
    world.run()

    # when
    def listed(time_range):
        latest = {"pipelineExecutionId": execution_id, "startTimeRange": time_range}
        return [each["ruleName"] for each in made.rules(latestInPipelineExecution=latest)]

    # then
    assert len(made.rules()) == 7
    assert len(made.rules(pipelineExecutionId=execution_id)) == 4
    assert listed("All") == ["First", "Second", "First"]
    assert listed("Latest") == ["First"]
    with refused("PipelineExecutionNotFoundException"):
        made.rules(pipelineExecutionId="00000000-0000-0000-0000-000000000000")


@pytest.mark.rule("C12")
def test_the_stage_state_shows_its_rules(target, world, play_rule):
    # given
    play_rule(
        "Deploy",
        "beforeEntry",
        Act(outcome="Failed", error_code="Alarm", error_message="loud", summary="ALARM"),
        rule="First",
    )
    made = target(CHECKED, **V2)

    # when
    made.start()
    world.run()

    # then
    state = made.stages()["Deploy"]["beforeEntryConditionState"]
    first, second = state["conditionStates"][0]["ruleStates"]
    assert first["ruleName"] == "First"
    assert first["latestExecution"]["status"] == "Failed"
    assert first["latestExecution"]["summary"] == "ALARM"
    assert first["latestExecution"]["errorDetails"] == {"code": "Alarm", "message": "loud"}
    assert second["latestExecution"]["status"] == "Succeeded"


@pytest.mark.rule("C12")
def test_rule_types_are_listed(client):
    # when
    types = client.list_rule_types(ruleOwnerFilter="AWS", regionFilter=REGION)["ruleTypes"]

    # then
    by_provider = {each["id"]["provider"]: each for each in types}
    assert set(by_provider) == {
        "CloudWatchAlarm",
        "CodeBuild",
        "Commands",
        "DeploymentWindow",
        "LambdaInvoke",
        "VariableCheck",
    }
    properties = by_provider["CloudWatchAlarm"]["ruleConfigurationProperties"]
    assert {each["name"]: each["required"] for each in properties} == {
        "AlarmName": True,
        "AlarmStates": False,
        "WaitTime": False,
    }


@pytest.mark.rule("C13")
@pytest.mark.parametrize(
    "code,words,declaration",
    [
        (STRUCTURE, "onFailure", pipeline({**SHIP, "onFailure": {"result": "RETRY"}})),
        (STRUCTURE, "beforeEntry", pipeline({**SHIP, "beforeEntry": condition("FAIL")})),
        (STAGE, "ROLLBACK", pipeline({**SHIP, "beforeEntry": condition("ROLLBACK")}, **V2)),
        (STAGE, "SKIP", pipeline({**SHIP, "onSuccess": condition("SKIP")}, **V2)),
        (STAGE, "FAIL", pipeline({**SHIP, "onFailure": {"result": "FAIL"}}, **V2)),
        (
            STAGE,
            "RETRY",
            pipeline({**SHIP, "onFailure": {**condition("ROLLBACK"), "result": "RETRY"}}, **V2),
        ),
        (
            STAGE,
            "retryConfiguration",
            pipeline({**SHIP, "onFailure": {"result": "ROLLBACK", "retryConfiguration": {}}}, **V2),
        ),
        (
            STAGE,
            "PARALLEL",
            pipeline({**SHIP, "onFailure": {"result": "ROLLBACK"}}, executionMode="PARALLEL", **V2),
        ),
        (
            STAGE,
            "without rules",
            pipeline({**SHIP, "onSuccess": {"conditions": [{"result": "FAIL"}]}}, **V2),
        ),
        (
            STAGE,
            "Check more than once",
            pipeline({**SHIP, "onSuccess": condition("FAIL", rule(), rule())}, **V2),
        ),
        (STAGE, "unknown type Manual", with_rule(rule(provider="Manual"))),
        (
            STAGE,
            "with the result SKIP",
            with_rule(rule(provider="DeploymentWindow"), result="SKIP"),
        ),
        (STAGE, "'FunctionName'", with_rule(rule(configuration={}))),
        (STAGE, "unknown configuration 'Cron'", with_rule(rule(configuration={"Cron": "*"}))),
        (STAGE, "Operator 'GT'", with_rule(variable_check("1", "GT", "0"))),
        (STAGE, "has no commands", with_rule(rule(provider="Commands", configuration={}))),
        (
            STAGE,
            "cannot have commands",
            with_rule(rule(configuration={"FunctionName": "f"}, commands=["ls"])),
        ),
        (STAGE, "#{nothing.here}", with_rule(variable_check("#{nothing.here}", "EQ", "0"))),
        (STAGE, "#{plain}", with_rule(variable_check("#{plain}", "EQ", "0"))),
        (
            STAGE,
            "uses Binary",
            with_rule(
                rule(configuration={"FunctionName": "f"}, inputArtifacts=[{"name": "Binary"}])
            ),
        ),
        (
            STAGE,
            "over the limit of 0",
            with_rule(variable_check("1", "EQ", "0", inputArtifacts=[{"name": "App"}])),
        ),
    ],
)
def test_invalid_conditions_are_refused(client, refused, code, words, declaration):
    # when, then
    with refused(code, words):
        client.create_pipeline(pipeline=declaration)


@pytest.mark.rule("C13")
def test_the_source_stage_cannot_be_rolled_back_automatically(client, refused):
    # given
    declaration = pipeline(**V2)
    declaration["stages"][0]["onFailure"] = {"result": "ROLLBACK"}

    # when, then
    with refused(STAGE, "source stage"):
        client.create_pipeline(pipeline=declaration)


@pytest.mark.rule("C13")
def test_rules_can_use_artifacts_of_earlier_stages_and_onsuccess_rules_those_of_their_own_stage(
    client,
):
    # given
    build = action("Compile", outputArtifacts=[{"name": "Binary"}], namespace="build")
    takes = rule(
        provider="Commands", configuration={}, commands=["ls"], inputArtifacts=[{"name": "Binary"}]
    )
    declaration = pipeline(
        stage("Build", build, onSuccess=condition("FAIL", takes)),
        stage("Deploy", action("Ship"), beforeEntry=condition("FAIL", takes)),
        **V2,
    )

    # when
    made = client.create_pipeline(pipeline=declaration)["pipeline"]

    # then
    assert made["stages"][1]["onSuccess"] == condition("FAIL", takes)


@pytest.mark.rule("A5")
def test_a_script_without_acts_is_refused(isolated_codepipeline):
    # when, then
    with pytest.raises(ValueError, match="target/Deploy/onSuccess/Check has no acts"):
        codepipeline.rule_script(ACCOUNT, REGION, "target", "Deploy", "onSuccess", "Check", [])
