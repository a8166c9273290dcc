from __future__ import annotations

import json

import pytest

from codepipeline_sandbox.codepipeline import Act
from codepipeline_sandbox.faults import CallFault
from playground.company import SECOND, Action
from tests.statemachine.operating import start_run, throttle
from tests.statemachine.reading import executions, result, runs_of


@pytest.fixture
def deployment():
    return {"targets": (SECOND,), "LocalPipelineNames": "*", "EventSenders": SECOND}


def history(company, arn):
    pages = company.stepfunctions().get_paginator("get_execution_history")
    return [e for page in pages.paginate(executionArn=arn) for e in page["events"]]


def entered(company, arn, name):
    return [
        e["timestamp"]
        for e in history(company, arn)
        if e.get("stateEnteredEventDetails", {}).get("name") == name
    ]


def test_an_unreadable_event_count_does_not_make_the_run_poll_without_pauses(cloud, company, world):
    stages = {
        "Build": [Action("Do", (Act(300),))],
        "Sign": [Action("One", provider="Manual"), Action("Two", provider="Manual")],
    }
    company.add_pipeline("deploy", stages, account=SECOND)
    arn = start_run(company, {"pipelineName": "deploy", "roleArn": company.target_roles[SECOND]})
    world.run(until=world.now + 200)
    cloud.faults.add(CallFault("denied", "dynamodb:GetItem", function="stateMachine:*"))
    world.run(until=world.now + 400)
    polls = entered(company, arn, "GetState")
    assert len(polls) < 15


def test_a_stop_that_took_effect_is_reported_even_if_its_answer_was_lost(
    cloud, company, target, run
):
    cloud.faults.add(CallFault("lost", "codepipeline:StopPipelineExecution", times=1))
    ended = result(run({**target(Act(600)), "timeoutMinutes": 2, "onTimeout": "abandon"}))
    (execution,) = executions(company)
    assert execution["status"] == "Stopped"
    assert ended["stopped"] is True


def test_a_target_that_should_be_stopped_is_not_retried(cloud, company, target, world):
    document = {**target(Act(610, "Failed"), Act(3_000)), "onAbort": "stop", "maxStageRetries": 1}
    company.add_pipeline("release", {"Go": [company.waiting_action("Wait", document)]})
    execution = company.start("release")
    world.run(until=world.now + 100)
    company.codepipeline().stop_pipeline_execution(
        pipelineName="release", pipelineExecutionId=execution, abandon=True
    )
    seen = []

    def late(call, proceed):
        if call.operation == "StopPipelineExecution":
            seen.append(world.now)
            world.sleep(20)
        return proceed()

    cloud.interceptors.append(late)
    world.run()
    (one,) = runs_of(company)
    assert entered(company, one["executionArn"], "RetryStage") == []


def test_a_run_waits_for_a_table_that_is_down_for_some_minutes_before_the_start(
    cloud, company, target, release
):
    cloud.faults.add(
        CallFault("unavailable", "dynamodb:*", function="*ReportJobResult*", start=0, end=240)
    )
    action = release(target(Act(60)))
    assert action["status"] == "Succeeded"


def test_an_abort_stops_the_target_even_if_the_function_that_started_it_died(
    cloud, company, target, world
):
    # The function dies after it has started the target. The search for the execution is throttled.
    cloud.faults.add(
        CallFault(
            "killed-after", "codepipeline:StartPipelineExecution", function="*Start*", times=1
        ),
        CallFault("throttled", "codepipeline:ListPipelineExecutions", function="*Start*"),
    )
    document = {**target(Act(3_600)), "onAbort": "abandon"}
    arn = start_run(company, document)
    world.run(until=world.now + 150)
    company.stepfunctions().stop_execution(executionArn=arn)
    world.run()
    (execution,) = executions(company)
    assert execution["status"] == "Stopped"


def test_the_target_of_an_abandoned_action_is_stopped_even_if_the_function_that_started_it_died(
    cloud, company, target, world
):
    cloud.faults.add(
        CallFault(
            "killed-after", "codepipeline:StartPipelineExecution", function="*Start*", times=1
        ),
        CallFault("throttled", "codepipeline:ListPipelineExecutions", function="*Start*", end=200),
    )
    document = {**target(Act(3_600)), "onAbort": "abandon"}
    company.add_pipeline("release", {"Go": [company.waiting_action("Wait", document)]})
    execution = company.start("release")
    world.run(until=world.now + 20)
    company.codepipeline().stop_pipeline_execution(
        pipelineName="release", pipelineExecutionId=execution, abandon=True
    )
    world.run()
    (execution,) = executions(company)
    assert execution["status"] == "Stopped"


def test_a_forged_token_with_the_id_of_an_actions_first_job_answers_no_job(
    cloud, company, target, world, payloads
):
    document = target(Act(300))
    company.add_pipeline("release", {"Go": [company.waiting_action("Wait", document)]})
    throttle(company, "CodePipelineJobFunction")
    company.start("release")
    world.run(until=world.now + 5)
    event = json.loads(next(p for p in payloads if "CodePipeline.job" in json.loads(p)))
    throttle(company, "CodePipelineJobFunction", 10)

    event["CodePipeline.job"]["data"]["continuationToken"] = "anything"
    company.stack.session.client("lambda").invoke(
        FunctionName=company.stack.resource("CodePipelineJobFunction"), Payload=json.dumps(event)
    )
    world.run()
    assert company.action("release", "Wait")["status"] == "Succeeded"


def test_without_the_table_the_message_does_not_claim_that_the_target_was_left_unchanged(
    cloud, company, target, world
):
    # The run is stopped between two jobs, and codepipeline_job cannot read the table.
    document = {**target(Act(3_600)), "onAbort": "abandon"}
    company.add_pipeline("release", {"Go": [company.waiting_action("Wait", document)]})
    company.start("release")
    world.run(until=world.now + 12)
    cloud.faults.add(CallFault("denied", "dynamodb:*", function="*CodePipelineJobFunction*"))
    (one,) = runs_of(company)
    company.stepfunctions().stop_execution(executionArn=one["executionArn"])
    world.run()
    (execution,) = executions(company)
    assert execution["status"] == "Stopped"
    message = company.action("release", "Wait")["output"]["executionResult"]["errorDetails"][
        "message"
    ]
    assert "left unchanged" not in message


def test_an_announced_end_is_found_soon_after_an_outage_of_two_minutes(cloud, company, world):
    company.add_pipeline("deploy", {"Go": [Action("Do", (Act(4_000),))]}, account=SECOND)
    outage = CallFault("unavailable", "codepipeline:*", account=SECOND, start=3_990, end=4_110)
    cloud.faults.add(outage)
    arn = start_run(company, {"pipelineName": "deploy", "roleArn": company.target_roles[SECOND]})
    world.run()
    described = company.stepfunctions().describe_execution(executionArn=arn)
    (execution,) = executions(company)
    late = (described["stopDate"] - execution["lastUpdateTime"]).total_seconds()
    assert late < 300


def test_the_newer_execution_of_an_abandoned_action_is_stopped_too(cloud, company, world):
    stages = {
        "Build": [Action("Do", (Act(1),))],
        "Deploy": [Action("Roll", (Act(5_000),))],
    }
    company.add_pipeline("deploy", stages, account=SECOND)
    company.start("deploy", account=SECOND)
    world.run(until=world.now + 10)
    document = {
        "pipelineName": "deploy",
        "roleArn": company.target_roles[SECOND],
        "onAbort": "abandon",
        "onSuperseded": "follow",
    }
    company.add_pipeline("release", {"Go": [company.waiting_action("Wait", document)]})
    execution = company.start("release")
    world.run(until=world.now + 100)
    company.codepipeline().stop_pipeline_execution(
        pipelineName="release", pipelineExecutionId=execution, abandon=True
    )
    late: list[object] = []

    def supersede(call, proceed):
        if call.operation == "StopPipelineExecution" and not late:
            late.append(world.now)
            company.start("deploy", account=SECOND)
            world.sleep(10)
        return proceed()

    cloud.interceptors.append(supersede)
    world.run()
    found = executions(company)
    assert found[0]["status"] == "Stopped"
