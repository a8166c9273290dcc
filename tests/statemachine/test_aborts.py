"""Runs that somebody stops, and redrives: who answers the job, and what becomes of the target."""

from __future__ import annotations

import pytest

from sandbox.codepipeline import Act
from sandbox.company import SECOND
from sandbox.faults import CallFault, DeliveryFault, InvocationFault
from tests.statemachine.operating import start_run
from tests.statemachine.reading import executions, result, runs_of

HOUR = 3_600
CLOSE_JOB = "*-CloseJobFunction-*"
NO_STATUS_EVENTS = DeliveryFault("dropped", "event", source="aws.states")


@pytest.fixture
def ask(company, world):
    """Starts a release that asks for a target, and goes on for so long after the target's start."""

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
    """Stops a run, and lets so much time pass, or all of it."""

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
def test_a_run_that_somebody_stops_answers_its_job_and_does_what_on_abort_says(
    company, target, ask, abort, world, moment, on_abort, status
):
    arn = ask({**target(Act(HOUR), Act(1)), "onAbort": on_abort}, moment)
    aborted = world.now
    abort(arn)

    # then the action has failed within a minute or so, and the target is as the input says
    assert "was stopped in Step Functions (maintenance)" in error_of(company)
    ended = company.action("release", "Wait")["lastUpdateTime"].timestamp()
    assert ended - aborted < 60
    (execution,) = executions(company)
    assert execution["status"] == status


@pytest.mark.interleaving(21)
def test_a_run_aborted_between_two_jobs_is_closed_although_its_status_event_is_lost(
    cloud, company, target, ask, abort, world
):
    # given a run that has just answered its job, and events of Step Functions that are lost
    arn = ask({**target(Act(HOUR), Act(1)), "onAbort": "stop"}, 10)
    cloud.faults.add(NO_STATUS_EVENTS)
    aborted = world.now
    abort(arn)

    # then the next job has found it, and its target was stopped
    assert "was stopped in Step Functions" in error_of(company)
    ended = company.action("release", "Wait")["lastUpdateTime"].timestamp()
    assert ended - aborted < 120
    assert [each["status"] for each in executions(company)] == ["Stopped"]


@pytest.mark.interleaving(22)
def test_a_run_aborted_with_a_job_in_hand_whose_status_event_is_lost_is_given_up_by_codepipeline(
    cloud, company, target, ask, abort, world
):
    arn = ask(target(Act(HOUR), Act(1)), 300)
    cloud.faults.add(NO_STATUS_EVENTS)
    aborted = world.now
    abort(arn)

    # then CodePipeline's own limit has ended the action: the documented exception
    assert company.action("release", "Wait")["status"] == "Failed"
    ended = company.action("release", "Wait")["lastUpdateTime"].timestamp()
    assert ended - aborted < 20 * 60


def test_a_run_started_directly_and_stopped_stops_its_target_too(company, target, abort, world):
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
def test_a_run_that_failed_and_is_redriven_fails_again_with_the_same_outcome(
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
def test_a_redriven_run_gives_the_answer_that_close_job_could_not_give(
    cloud, company, target, ask, abort, world
):
    # given a run that is aborted, and a close_job that sets the answer and dies
    arn = ask(target(Act(HOUR)), 300)
    cloud.faults.add(
        CallFault("unavailable", "codepipeline:PutJob*", function=CLOSE_JOB),
        InvocationFault("killed", CLOSE_JOB, seconds=10),
    )
    abort(arn, 30)
    assert company.action("release", "Wait")["status"] == "InProgress"

    # when the run is redriven
    company.stepfunctions().redrive_execution(executionArn=arn)
    world.run()

    # then it has given the answer to the job, and gone on to the target's end
    assert "was stopped in Step Functions" in error_of(company)
    described = company.stepfunctions().describe_execution(executionArn=arn)
    assert described["status"] == "SUCCEEDED"
    assert [each["status"] for each in executions(company)] == ["Succeeded"]


@pytest.mark.interleaving(46)
def test_a_stop_that_is_brought_back_after_a_redrive_spares_what_the_run_started_since(
    cloud, company, target, world, abort
):
    # given a run that is aborted before it starts its target, and a stop that finds nothing yet
    document = {**target(Act(HOUR), Act(1)), "onAbort": "stop"}
    cloud.faults.add(
        CallFault("unavailable", "codepipeline:StartPipelineExecution", account=SECOND, end=65),
        InvocationFault("throttled", "*-StopExecutionFunction-*", end=70),
    )
    arn = start_run(company, document)
    world.run(until=world.now + 5)
    abort(arn, 62)

    # when the run is redriven, and starts it more than a minute after the abort
    company.stepfunctions().redrive_execution(executionArn=arn)
    world.run()

    # then the stop that came back has not touched it
    assert "throttled" in [strike.kind for strike in cloud.faults.log]
    described = company.stepfunctions().describe_execution(executionArn=arn)
    assert described["status"] == "SUCCEEDED"
    assert [each["status"] for each in executions(company)] == ["Succeeded"]


@pytest.mark.interleaving(43)
def test_a_run_that_close_job_does_not_see_has_begun_all_the_same(cloud, company, target, release):
    # given a codepipeline_job that dies once it has started the run, at each delivery, and a
    # DescribeExecution that does not show the run to close_job yet
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

    # then nobody has said that it never began, and the action ends as its target does
    struck = [strike.kind for strike in cloud.faults.log]
    assert struck.count("lost") >= 3
    assert struck.count("refused") == 2
    assert len(runs_of(company)) == 1
    assert action["status"] == "Succeeded"
