from __future__ import annotations

from datetime import timedelta

import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from moto.core.botocore_stubber import MockRawResponse

from codepipeline_sandbox.codepipeline import Act
from playground.company import SECOND, Action
from tests.statemachine.operating import start_run
from tests.statemachine.reading import executions, result


def test_variables_reach_the_execution_and_are_returned_in_the_result(company, target, run):
    document = target(variables=[{"name": "IMAGE", "defaultValue": "none"}])
    described = run({**document, "variables": [{"name": "IMAGE", "value": "app:1"}]})
    assert result(described)["variables"] == [{"name": "IMAGE", "resolvedValue": "app:1"}]


def test_a_target_with_the_maximum_number_of_variables_is_still_reported(company, run):
    # The target has 50 long variables, and each of its two actions has 50 output variables.
    many = {f"V{number}": '"' * 1_000 for number in range(50)}
    made = [Act(10, output_variables=many)]
    company.add_pipeline(
        "deploy",
        {"Build": [Action("A", made, namespace="A"), Action("B", made, namespace="B")]},
        account=SECOND,
        variables=[{"name": name, "defaultValue": "none"} for name in many],
    )

    # The run sets and requests as many variables as the input allows.
    asked = [f"{namespace}.V{number}" for namespace in "AB" for number in range(25)]
    described = run(
        {
            "pipelineName": "deploy",
            "roleArn": company.target_roles[SECOND],
            "variables": [{"name": name, "value": value} for name, value in many.items()],
            "outputVariables": asked,
        }
    )

    # The result contains as many variables as fit in a state's output.
    assert described["status"] == "SUCCEEDED"
    assert 0 < len(result(described)["targetVariables"]) < len(asked)


def test_source_revisions_reach_the_execution_and_are_returned_in_the_result(target, run):
    document = target()
    revision = {
        "actionName": "Checkout",
        "revisionType": "COMMIT_ID",
        "revisionValue": "0123456789abcdef0123456789abcdef01234567",
    }
    described = run({**document, "sourceRevisions": [revision]})
    (source,) = result(described)["sourceRevisions"]
    assert source["revisionId"] == revision["revisionValue"]


def test_a_target_in_another_region_is_followed_there(company, run):
    company.add_pipeline("local", {"Build": [Action("Compile")]}, region="us-east-2")
    described = run({"pipelineName": "local", "region": "us-east-2"})
    assert described["status"] == "SUCCEEDED"
    assert "us-east-2.console" in result(described)["link"]


def test_without_wait_the_run_ends_as_soon_as_the_target_has_started(target, run, company):
    described = run({**target(Act(3_600)), "wait": False})
    assert described["status"] == "SUCCEEDED"
    assert result(described)["outcome"] == "Started"
    assert described["stopDate"] - described["startDate"] < timedelta(seconds=5)


def test_without_wait_the_action_succeeds_while_the_target_runs(company, target, world):
    document = {**target(Act(3_600)), "wait": False}
    company.add_pipeline("release", {"Go": [company.waiting_action("Wait", document)]})
    company.start("release")
    world.run(until=world.now + 120)
    action = company.action("release", "Wait")
    assert action["status"] == "Succeeded"
    assert action["output"]["outputVariables"]["outcome"] == "Started"
    assert executions(company)[0]["status"] == "InProgress"


@pytest.mark.parametrize("minutes", [1, 10, 90])
def test_the_deadline_is_kept_to_the_second(target, run, minutes):
    described = run({**target(Act(30 * 3_600)), "timeoutMinutes": minutes})
    assert described["error"] == "PipelineTimedOut"
    took = described["stopDate"] - described["startDate"]
    assert timedelta(0) <= took - timedelta(minutes=minutes) < timedelta(seconds=1)
    assert "InProgress" in result(described)["message"]


def test_mode_latest_reports_an_execution_that_ended_long_ago(company, target, run, world):
    document = target(Act(60))
    company.start("deploy", account=SECOND)
    world.run()
    world.run(until=world.now + 30 * 24 * 3_600)
    described = run({**document, "mode": "latest"})
    assert described["status"] == "SUCCEEDED"
    assert result(described)["durationSeconds"] < 120


def test_two_runs_of_the_same_target_start_and_follow_one_execution_each(company, target, run):
    document = target(Act(300))
    first, second = run(document), run(document)
    followed = {result(one)["pipelineExecutionId"] for one in (first, second)}
    assert followed == {one["pipelineExecutionId"] for one in executions(company)}
    assert len(followed) == 2


@pytest.mark.parametrize("abandon", [False, True])
def test_a_stopped_target_is_not_a_success(company, target, world, abandon):
    document = target(Act(600))
    stepfunctions = company.stepfunctions()
    arn = start_run(company, document)
    world.run(until=world.now + 60)

    (execution,) = executions(company)
    company.codepipeline(SECOND).stop_pipeline_execution(
        pipelineName="deploy",
        pipelineExecutionId=execution["pipelineExecutionId"],
        abandon=abandon,
        reason="wrong version",
    )
    world.run()

    described = stepfunctions.describe_execution(executionArn=arn)
    assert described["error"] == "PipelineStopped"
    assert result(described)["status"] == "Stopped"


def test_a_superseded_target_is_not_a_success(company, target, world):
    # The third execution supersedes the second, which waits for the first.
    document = target(Act(600))
    company.start("deploy", account=SECOND)
    world.run(until=world.now + 30)
    stepfunctions = company.stepfunctions()
    arn = start_run(company, document)
    world.run(until=world.now + 60)
    company.start("deploy", account=SECOND)
    world.run()

    described = stepfunctions.describe_execution(executionArn=arn)
    assert described["error"] == "PipelineSuperseded"


def test_a_run_keeps_following_a_failed_stage_that_is_retried_in_time(company, target, world):
    document = target(Act(60, "Failed"), Act(60))
    stepfunctions = company.stepfunctions()
    arn = start_run(company, document)
    while not (found := executions(company)) or found[0]["status"] != "Failed":
        world.run(until=world.now + 1)

    company.codepipeline(SECOND).retry_stage_execution(
        pipelineName="deploy",
        stageName="Deploy",
        pipelineExecutionId=found[0]["pipelineExecutionId"],
        retryMode="FAILED_ACTIONS",
    )
    world.run()

    described = stepfunctions.describe_execution(executionArn=arn)
    assert described["status"] == "SUCCEEDED"


def test_a_run_waits_out_an_outage_of_an_hour(cloud, company, target, world):
    # The target takes half an hour, and CodePipeline is down for the first hour.
    document = target(Act(1_800))
    stepfunctions = company.stepfunctions()
    arn = start_run(company, document)
    world.run(until=world.now + 300)
    down_until = world.now + 3_600

    def outage(call, proceed):
        if call.service == "codepipeline" and world.now < down_until:
            return AWSResponse(call.request.url, 503, HTTPHeaders(), MockRawResponse(b"{}"))
        return proceed()

    cloud.interceptors.append(outage)
    world.run()

    described = stepfunctions.describe_execution(executionArn=arn)
    assert described["status"] == "SUCCEEDED", described["cause"]
    assert 0 <= described["stopDate"].timestamp() - down_until < 120
