from __future__ import annotations

import pytest

from codepipeline_sandbox.codepipeline import Act
from codepipeline_sandbox.faults import CallFault, DeliveryFault, InvocationFault
from playground.company import SECOND
from tests.statemachine.operating import start_run
from tests.statemachine.reading import executions, result, runs_of

HOUR = 3_600
CLOSE_JOB = "*-CloseJobFunction-*"
NO_STATUS_EVENTS = DeliveryFault("dropped", "event", source="aws.states")


@pytest.fixture
def ask(company, world):
    def begin(document, seconds):
        company.add_pipeline("release", {"Go": [company.waiting_action("Wait", document)]})
        company.start("release")
        while not runs_of(company) or not executions(company):
            world.run(until=world.now + 1)
        world.run(until=world.now + seconds)
        return runs_of(company)[0]["executionArn"]

    return begin


@pytest.fixture
def abort(company, world):
    def stop(arn, seconds=None):
        company.stepfunctions().stop_execution(executionArn=arn, cause="maintenance")
        world.run(until=None if seconds is None else world.now + seconds)

    return stop


def error_of(company):
    action = company.action("release", "Wait")
    assert action["status"] == "Failed"
    return action["output"]["executionResult"]["errorDetails"]["message"]


@pytest.mark.parametrize("on_abort, status", [("stop", "Stopped"), ("leave", "Succeeded")])
@pytest.mark.parametrize("moment", [1, 10, 900], ids=["first job", "no job", "later job"])
@pytest.mark.interleaving(19, 20, 21)
def test_a_stopped_run_fails_its_action_and_obeys_on_abort(
    company, target, ask, abort, world, moment, on_abort, status
):
    arn = ask({**target(Act(HOUR), Act(1)), "onAbort": on_abort}, moment)
    aborted = world.now
    abort(arn)

    assert "was stopped in Step Functions (maintenance)" in error_of(company)
    ended = company.action("release", "Wait")["lastUpdateTime"].timestamp()
    assert ended - aborted < 60
    (execution,) = executions(company)
    assert execution["status"] == status


@pytest.mark.interleaving(21)
def test_an_action_fails_if_its_run_is_stopped_between_two_jobs_and_the_status_event_is_lost(
    cloud, company, target, ask, abort, world
):
    # The run has just answered its job. The event about the stopped run is lost.
    arn = ask({**target(Act(HOUR), Act(1)), "onAbort": "stop"}, 10)
    cloud.faults.add(NO_STATUS_EVENTS)
    aborted = world.now
    abort(arn)

    # codepipeline_job receives the next job and finds that the run was stopped.
    assert "was stopped in Step Functions" in error_of(company)
    ended = company.action("release", "Wait")["lastUpdateTime"].timestamp()
    assert ended - aborted < 120
    assert [each["status"] for each in executions(company)] == ["Stopped"]


@pytest.mark.interleaving(22)
def test_an_action_times_out_if_its_run_is_stopped_with_an_open_job_and_the_event_is_lost(
    cloud, company, target, ask, abort, world
):
    arn = ask(target(Act(HOUR), Act(1)), 300)
    cloud.faults.add(NO_STATUS_EVENTS)
    aborted = world.now
    abort(arn)

    # Only CodePipeline's own limit ends the action, as documented.
    assert company.action("release", "Wait")["status"] == "Failed"
    ended = company.action("release", "Wait")["lastUpdateTime"].timestamp()
    assert ended - aborted < 20 * 60


def test_stopping_a_run_that_was_started_directly_also_stops_its_target(
    company, target, abort, world
):
    arn = start_run(company, {**target(Act(HOUR), Act(1)), "onAbort": "stop"})
    world.run(until=world.now + 600)
    abort(arn)

    assert [each["status"] for each in executions(company)] == ["Stopped"]


@pytest.mark.interleaving(37)
def test_a_redriven_run_starts_nothing_twice(company, target, world, abort):
    arn = start_run(company, target(Act(600)))
    while not executions(company):
        world.run(until=world.now + 0.05)
    abort(arn, 60)
    company.stepfunctions().redrive_execution(executionArn=arn)
    world.run()

    described = company.stepfunctions().describe_execution(executionArn=arn)
    assert described["status"] == "SUCCEEDED"
    assert len(executions(company)) == 1


@pytest.mark.interleaving(38)
def test_a_failed_run_that_is_redriven_fails_again_with_the_same_outcome(
    company, target, world, run
):
    first = run(target(Act(60, "Failed")))
    company.stepfunctions().redrive_execution(executionArn=first["executionArn"])
    redriven = world.now
    world.run()

    again = company.stepfunctions().describe_execution(executionArn=first["executionArn"])
    assert again["redriveCount"] == 1
    assert world.now - redriven < 60
    assert (again["status"], again["error"]) == (first["status"], first["error"])
    assert result(again)["message"] == result(first)["message"]
    assert len(executions(company)) == 1


@pytest.mark.interleaving(44)
def test_a_redriven_run_answers_the_job_that_close_job_could_not_answer(
    cloud, company, target, ask, abort, world
):
    # close_job stores the answer in the Jobs table but cannot send it.
    arn = ask(target(Act(HOUR)), 300)
    cloud.faults.add(
        CallFault("unavailable", "codepipeline:PutJob*", function=CLOSE_JOB),
        InvocationFault("killed", CLOSE_JOB, seconds=10),
    )
    abort(arn, 30)
    assert company.action("release", "Wait")["status"] == "InProgress"

    company.stepfunctions().redrive_execution(executionArn=arn)
    world.run()

    assert "was stopped in Step Functions" in error_of(company)
    described = company.stepfunctions().describe_execution(executionArn=arn)
    assert described["status"] == "SUCCEEDED"
    assert [each["status"] for each in executions(company)] == ["Succeeded"]


@pytest.mark.interleaving(46)
def test_a_stop_that_is_retried_after_a_redrive_does_not_stop_the_new_target(
    cloud, company, target, world, abort
):
    # The run is stopped before it starts its target, so stop_execution finds nothing at first.
    document = {**target(Act(HOUR), Act(1)), "onAbort": "stop"}
    cloud.faults.add(
        CallFault("unavailable", "codepipeline:StartPipelineExecution", account=SECOND, end=65),
        InvocationFault("throttled", "*-StopExecutionFunction-*", end=70),
    )
    arn = start_run(company, document)
    world.run(until=world.now + 5)
    abort(arn, 62)

    # The redriven run starts the target more than a minute after the run was stopped.
    company.stepfunctions().redrive_execution(executionArn=arn)
    world.run()

    assert "throttled" in [strike.kind for strike in cloud.faults.log]
    described = company.stepfunctions().describe_execution(executionArn=arn)
    assert described["status"] == "SUCCEEDED"
    assert [each["status"] for each in executions(company)] == ["Succeeded"]


@pytest.mark.interleaving(43)
def test_close_job_does_not_report_an_invisible_run_as_never_started(
    cloud, company, target, release
):
    # Each time its event is delivered, codepipeline_job starts the run and then dies. At first,
    # close_job cannot see the run.
    cloud.faults.add(
        CallFault("lost", "stepfunctions:StartExecution", seconds=60),
        CallFault(
            "refused",
            "stepfunctions:DescribeExecution",
            function=CLOSE_JOB,
            code="ExecutionDoesNotExist",
            times=2,
        ),
    )
    action = release(target(Act(1_200)))

    struck = [strike.kind for strike in cloud.faults.log]
    assert struck.count("lost") >= 3
    assert struck.count("refused") == 2
    assert len(runs_of(company)) == 1
    assert action["status"] == "Succeeded"
