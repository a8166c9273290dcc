from __future__ import annotations

import json
from datetime import UTC, timedelta

import pytest

from codepipeline_sandbox.codepipeline import Act
from playground.company import REGION, TOOLS, Action, Company
from tests.statemachine.permissions import create_service_role, put_role_policy
from tests.statemachine.reading import executions, result, runs_of


def test_a_lambda_invoke_action_waits_for_its_target_and_returns_the_results(
    company, target, release
):
    action = release(target(Act(300)))

    (execution,) = executions(company)
    assert action["status"] == "Succeeded"
    assert (
        action["output"]["executionResult"]["externalExecutionId"]
        == (execution["pipelineExecutionId"])
    )
    variables = action["output"]["outputVariables"]
    assert variables["pipelineExecutionId"] == execution["pipelineExecutionId"]
    assert variables["outcome"] == "Succeeded"
    assert float(variables["durationSeconds"]) >= 300


def test_a_direct_execution_returns_the_result_as_output(company, target, run):
    described = run(target(Act(300)))

    (execution,) = executions(company)
    assert described["status"] == "SUCCEEDED"
    assert result(described)["pipelineExecutionId"] == execution["pipelineExecutionId"]
    assert result(described)["outcome"] == "Succeeded"


def test_a_failed_direct_execution_has_our_error_and_the_result_as_its_cause(target, run):
    described = run(target(Act(60, "Failed", error_code="JobFailed", error_message="no capacity")))

    assert described["status"] == "FAILED"
    assert described["error"] == "PipelineFailed"
    assert (
        result(described)["failure"].items()
        >= {
            "stage": "Deploy",
            "action": "Rollout",
            "code": "JobFailed",
            "message": "no capacity",
        }.items()
    )


def test_the_template_schedule_starts_its_pipeline_in_its_time_zone(cloud, world):
    company = Company(
        cloud,
        targets=(),
        ScheduleExpression="cron(30 6 * * ? *)",
        ScheduleTimezone="Europe/Berlin",
        SchedulePipelineName="MyFirstPipeline",
    )
    company.add_pipeline("MyFirstPipeline", {"Build": [Action("Compile")]})

    world.run(until=world.now + 2 * 24 * 3600)

    # 6:30 in Berlin is 5:30 UTC in winter.
    started = [
        execution["startTime"].astimezone(UTC)
        for execution in executions(company, "MyFirstPipeline", TOOLS)
    ]
    assert [at.strftime("%d %H:%M") for at in started] == ["07 05:30", "06 05:30"]
    assert [one["status"] for one in runs_of(company)] == ["SUCCEEDED", "SUCCEEDED"]


@pytest.mark.interleaving(39)
def test_a_schedule_that_is_delivered_twice_starts_its_pipeline_once(company, run):
    company.add_pipeline("MyFirstPipeline", {"Build": [Action("Compile")]})
    document = {
        "pipelineName": "MyFirstPipeline",
        "clientRequestToken": "arn:aws:scheduler:::schedule/default/x 2026-01-05T09:00:00Z",
    }
    first, second = run(document), run(document)

    # Both runs follow the same execution.
    (execution,) = executions(company, "MyFirstPipeline", TOOLS)
    assert result(first)["pipelineExecutionId"] == execution["pipelineExecutionId"]
    assert result(second)["pipelineExecutionId"] == execution["pipelineExecutionId"]


def test_an_eventbridge_rule_with_a_constant_input_starts_a_run(cloud, company, world):
    company.add_pipeline("MyFirstPipeline", {"Build": [Action("Compile")]})
    company.add_pipeline("upstream", {"Build": [Action("Compile")]})
    add_rule(cloud, company, json.dumps({"pipelineName": "MyFirstPipeline"}))

    company.start("upstream")
    world.run()

    (execution,) = executions(company, "MyFirstPipeline", TOOLS)
    assert execution["status"] == "Succeeded"
    (run,) = runs_of(company)
    assert run["status"] == "SUCCEEDED"


def test_a_rule_without_a_constant_input_fails_with_instructions(cloud, company, world):
    # The rule passes the whole event as the input.
    company.add_pipeline("upstream", {"Build": [Action("Compile")]})
    add_rule(cloud, company, None)

    company.start("upstream")
    world.run()

    (run,) = runs_of(company)
    described = company.stepfunctions().describe_execution(executionArn=run["executionArn"])
    assert described["error"] == "InvalidInput"
    assert "The input is an event" in result(described)["message"]
    assert described["stopDate"] - described["startDate"] < timedelta(seconds=10)


def add_rule(cloud, company, constant):
    session = cloud.session(TOOLS, REGION)
    iam, events = session.client("iam"), session.client("events")
    role = create_service_role(iam, "rule", "events")
    put_role_policy(iam, "rule", "states:StartExecution", resource=company.state_machine)
    pattern = {
        "source": ["aws.codepipeline"],
        "detail-type": ["CodePipeline Pipeline Execution State Change"],
        "detail": {"state": ["SUCCEEDED"], "pipeline": ["upstream"]},
    }
    events.put_rule(Name="after-upstream", EventPattern=json.dumps(pattern))
    target = {"Id": "run", "Arn": company.state_machine, "RoleArn": role}
    if constant is not None:
        target["Input"] = constant
    events.put_targets(Rule="after-upstream", Targets=[target])
