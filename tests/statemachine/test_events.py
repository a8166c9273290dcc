"""An event wakes a run. Without events, a run polls."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from codepipeline_sandbox.codepipeline import Act, settings
from codepipeline_sandbox.faults import CallFault, DeliveryFault, InvocationFault
from playground.company import SECOND, THIRD, TOOLS, Action
from tests.statemachine.operating import start_run
from tests.statemachine.reading import executions, result, runs_of

HOUR = 3_600
LONG = 4_000
MACHINE = "stateMachine:*"
ENDS = "CodePipeline Pipeline Execution State Change"


@pytest.fixture
def deployment():
    return {"targets": (SECOND, THIRD), "LocalPipelineNames": "*", "EventSenders": SECOND}


@pytest.fixture
def begin(company):
    def start(*acts, account=SECOND, stages=None, **more):
        stages = stages or {"Go": [Action("Do", acts or (Act(LONG),))]}
        company.add_pipeline("deploy", stages, account=account)
        return start_run(company, {**of(company, account), **more})

    return start


def of(company, account):
    role = {} if account == TOOLS else {"roleArn": company.target_roles[account]}
    return {"pipelineName": "deploy", **role}


def described(company, arn):
    return company.stepfunctions().describe_execution(executionArn=arn)


def entered(company, arn):
    pages = company.stepfunctions().get_paginator("get_execution_history")
    return Counter(
        event["stateEnteredEventDetails"]["name"]
        for page in pages.paginate(executionArn=arn)
        for event in page["events"]
        if "stateEnteredEventDetails" in event
    )


def delay(company, world, arn, account=SECOND, status="SUCCEEDED"):
    world.run()
    run = described(company, arn)
    assert run["status"] == status
    target = executions(company, "deploy", account)[0]
    return (run["stopDate"] - target["lastUpdateTime"]).total_seconds()


@pytest.mark.parametrize("account", [TOOLS, SECOND])
def test_an_event_ends_the_wait_for_a_target(company, world, begin, account):
    arn = begin(account=account)
    assert delay(company, world, arn, account) < 3
    states = entered(company, arn)
    assert states["WaitForEvent"]
    assert states["GetState"] < 20


@pytest.mark.interleaving(53, 64)
@pytest.mark.parametrize("start", [0, 600], ids=["from the start", "from the tenth minute"])
def test_without_events_the_run_polls(cloud, company, world, begin, start):
    cloud.faults.add(DeliveryFault("dropped", source="aws.codepipeline", start=start))
    arn = begin()
    assert 0 < delay(company, world, arn) < 1_000
    # Before the run polls at intervals, it checks three times whether events arrive.
    if start == 0:
        assert entered(company, arn)["ReadEventCount"] == 3
        assert entered(company, arn)["WaitForEvent"] == 0


def test_a_run_does_not_listen_where_no_event_can_arrive(company, world, begin):
    arn = begin(account=THIRD)  # This account sends no events.
    assert delay(company, world, arn, THIRD) < 200
    states = entered(company, arn)
    assert states["ReadEventCount"] == states["WaitForEvent"] == 0


@pytest.mark.interleaving(52)
@pytest.mark.parametrize("seconds", [1, 7, 30])
def test_a_target_that_ends_before_the_first_registration_is_not_missed(
    company, world, begin, seconds
):
    assert delay(company, world, begin(Act(seconds))) < 25


@pytest.mark.interleaving(54)
@pytest.mark.parametrize("kind", ["doubled", "delayed", "reordered"])
def test_events_may_arrive_twice_or_late_or_out_of_order(cloud, company, world, begin, kind):
    cloud.faults.add(DeliveryFault(kind, source="aws.codepipeline"))
    assert delay(company, world, begin()) < 100


@pytest.mark.interleaving(55)
def test_the_failure_of_an_attempt_that_was_retried_does_not_end_the_run(
    cloud, company, world, begin
):
    # The stage is retried before the event about its first failure arrives.
    cloud.faults.add(DeliveryFault("delayed", source="aws.codepipeline", seconds=45))
    stage = [Action("Do", (Act(LONG, "Failed"), Act(600)))]
    arn = begin(stages={"Go": stage}, maxStageRetries=1)
    assert delay(company, world, arn) < 120
    assert [each["status"] for each in executions(company)] == ["Succeeded"]


@pytest.mark.interleaving(56)
@pytest.mark.parametrize("seconds", [3, 12, 60])
def test_a_run_polls_for_an_end_that_becomes_visible_after_its_event(
    company, world, begin, seconds
):
    settings.use(settings.Settings(end_visible_after=float(seconds)))
    assert delay(company, world, begin()) < seconds + 25


@pytest.mark.interleaving(60)
@pytest.mark.parametrize("seconds", [899.0, 900.0, 901.0])
def test_an_event_and_the_time_limit_of_a_wait_may_coincide(company, world, begin, seconds):
    arn = begin(stages={"Go": [Action("Do", (Act(seconds),)), Action("Also", (Act(seconds),))]})
    assert delay(company, world, arn) < 5


@pytest.mark.interleaving(63)
@pytest.mark.parametrize(
    "fault",
    [
        CallFault("unavailable", "dynamodb:*", function=MACHINE),
        CallFault("denied", "dynamodb:*", function=MACHINE),
        CallFault("unavailable", "dynamodb:UpdateItem", function=MACHINE),
        CallFault("throttled", "dynamodb:GetItem", function=MACHINE),
        InvocationFault("throttled", "*-WakeFunction-*"),
    ],
    ids=lambda fault: f"{fault.kind} {getattr(fault, 'operation', 'wake')}",
)
def test_a_table_that_is_down_only_delays_the_end_of_a_run(cloud, company, world, begin, fault):
    cloud.faults.add(fault)
    arn = begin()
    assert delay(company, world, arn) < 1_000
    assert cloud.faults.log
    assert entered(company, arn)["GetState"] < 120


@pytest.mark.interleaving(66)
def test_a_run_listens_to_the_newer_execution_once_it_follows_it(company, world, begin):
    # The execution waits for a busy stage when a newer one supersedes it.
    company.add_pipeline(
        "deploy",
        {"Build": [Action("Compile", (Act(30),))], "Go": [Action("Do", (Act(LONG),))]},
        account=SECOND,
    )
    company.start("deploy", account=SECOND)
    world.run(until=world.now + 60)
    arn = start_run(company, {**of(company, SECOND), "onSuperseded": "follow"})
    world.run(until=world.now + 300)
    newest = company.start("deploy", account=SECOND)

    assert delay(company, world, arn) < 5
    assert result(described(company, arn))["pipelineExecutionId"] == newest


@pytest.mark.interleaving(67)
def test_the_invoking_pipeline_shows_a_pending_approval_within_a_minute(company, world):
    stages = {"Build": [Action("Compile", (Act(30),))], "Ask": [Action("Yes", (), "Manual")]}
    company.add_pipeline("deploy", stages, account=SECOND)
    wanted = company.waiting_action("Wait", of(company, SECOND))
    company.add_pipeline("release", {"Go": [wanted]})
    company.start("release")
    world.run(until=world.now + 100)

    details = company.action("release", "Wait")["output"]["executionResult"]
    assert "approv" in details["externalExecutionSummary"]


@pytest.mark.interleaving(62, 68)
def test_a_storm_of_events_wakes_a_run_at_most_200_times(company, world, begin):
    # Every minute, a false event announces the target's end.
    arn = begin(Act(6 * HOUR))
    world.run(until=world.now + 60)
    (execution,) = executions(company)
    lambdas = company.stack.session.client("lambda")
    detail = {
        "pipeline": "deploy",
        "execution-id": execution["pipelineExecutionId"],
        "state": "FAILED",
    }
    event = {
        "detail-type": ENDS,
        "source": "aws.codepipeline",
        "account": SECOND,
        "region": "eu-west-1",
        "detail": detail,
    }
    for _ in range(300):
        world.run(until=world.now + 60)
        lambdas.invoke(
            FunctionName=company.stack.resource("WakeFunction"),
            InvocationType="Event",
            Payload=json.dumps(event),
        )

    # Each of the 200 events may cause up to four waits.
    assert delay(company, world, arn) < 200
    states = entered(company, arn)
    assert states["WaitForEvent"] <= 200 * 4
    # A poll and the wait after it add fewer than 15 events to the run's history.
    assert 15 * (states["GetState"] + states["WaitForTarget"]) < 25_000


@pytest.mark.interleaving(69)
@pytest.mark.parametrize("down", [False, True], ids=["the table", "no table"])
def test_one_of_five_runs_that_wait_for_an_idle_target_starts_it(
    cloud, company, world, begin, down
):
    company.add_pipeline("deploy", {"Go": [Action("Do", (Act(900),))]}, account=SECOND)
    company.start("deploy", account=SECOND)
    world.run(until=world.now + 60)
    if down:
        cloud.faults.add(CallFault("unavailable", "dynamodb:*", function=MACHINE))
    asked = {**of(company, SECOND), "ifRunning": "wait"}
    arns = [start_run(company, asked) for _ in range(5)]

    world.run(until=world.now + 1_500)

    # If the table is down, several runs may start the target.
    begun = len(executions(company)) - 1
    assert begun == 1 if not down else begun >= 1

    world.run()
    assert {described(company, arn)["status"] for arn in arns} <= {"SUCCEEDED", "FAILED"}
    if not down:
        assert len(executions(company)) == 6
        assert all(described(company, arn)["status"] == "SUCCEEDED" for arn in arns)
    assert len(runs_of(company)) == 5
