"""The job lease, through the deployed system: jobs are held, handed on, and answered in time."""

from __future__ import annotations

import itertools

import pytest

from sandbox.codepipeline import Act, settings
from sandbox.company import SECOND
from sandbox.faults import CallFault
from tests.statemachine.operating import start_run
from tests.statemachine.reading import executions, runs_of

HOUR = 3_600


@pytest.fixture
def answers(cloud):
    """When jobs were answered, and by which call."""
    moments = []

    def watch(call, proceed):
        if call.operation in {"PutJobSuccessResult", "PutJobFailureResult"}:
            moments.append((cloud.world.now, call.operation))
        return proceed()

    cloud.interceptors.append(watch)
    return moments


def longest_silence(begun, answers):
    moments = [begun, *(moment for moment, _ in answers)]
    return max(late - early for early, late in itertools.pairwise(moments))


def test_an_hour_takes_few_answers_and_no_long_silence(answers, target, release, world):
    begun = world.now
    action = release(target(Act(HOUR)))
    # the first poll, the stage after the source, a renewal every ten minutes, and the end
    assert action["status"] == "Succeeded"
    assert len(answers) <= 2 + 6 + 1
    assert longest_silence(begun, answers) < 660


@pytest.mark.parametrize("deployment", [{"JobLeaseMinutes": "0"}], ids=["no lease"])
def test_without_a_lease_every_poll_is_answered(answers, target, release):
    action = release(target(Act(600)))
    assert action["status"] == "Succeeded"
    assert len(answers) > 10


@pytest.mark.parametrize("minutes", [2, 6])
def test_the_deadline_is_kept_while_the_run_waits_for_its_next_job(
    company, target, release, world, minutes
):
    # given two renewals at the start, for each of which CodePipeline comes back after 4 minutes
    settings.use(settings.Settings(continuation_interval=240.0))
    release({**target(Act(HOUR)), "timeoutMinutes": minutes})
    (run,) = runs_of(company)
    lasted = (run["stopDate"] - run["startDate"]).total_seconds()
    assert run["status"] == "FAILED"
    assert minutes * 60 <= lasted < minutes * 60 + 1


@pytest.mark.interleaving(27)
def test_an_outage_of_an_hour_in_the_middle_of_a_wait_is_survived_with_the_lease(
    cloud, answers, target, release, world
):
    # given a target whose API is down from the tenth minute on
    outage = CallFault("unavailable", "codepipeline:Get*", account=SECOND, start=600, end=4_200)
    cloud.faults.add(outage)
    begun = world.now
    action = release(target(Act(5_400)))

    # then the wait has come to its end, with the lease renewed on time
    assert action["status"] == "Succeeded"
    assert longest_silence(begun, answers) < 900
    assert len(answers) < 15


def stopped(company, world, *, abandon, **asked):
    """A release whose execution is stopped while it waits for a target of an hour."""
    company.add_pipeline("release", {"Go": [company.waiting_action("Wait", asked)]})
    execution = company.start("release")
    world.run(until=world.now + 900)
    company.codepipeline().stop_pipeline_execution(
        pipelineName="release", pipelineExecutionId=execution, abandon=abandon
    )
    world.run()


@pytest.mark.parametrize("on_abort, status", [("stop", "Stopped"), ("leave", "Succeeded")])
@pytest.mark.interleaving(28)
def test_an_abandoned_action_lets_its_target_be_stopped_if_the_input_says_so(
    company, target, world, on_abort, status
):
    stopped(company, world, abandon=True, **target(Act(HOUR), Act(1)), onAbort=on_abort)
    (execution,) = executions(company)
    assert execution["status"] == status


@pytest.mark.interleaving(29)
def test_a_pipeline_that_is_stopped_and_waits_for_its_actions_waits_for_the_run(
    company, target, world
):
    stopped(company, world, abandon=False, **target(Act(HOUR)), onAbort="stop")
    (execution,) = executions(company)
    assert execution["status"] == "Succeeded"
    assert company.action("release", "Wait")["status"] == "Succeeded"


@pytest.mark.parametrize("on_abort, status", [("stop", "Stopped"), ("leave", "Succeeded")])
@pytest.mark.parametrize("moment", [1, 10, 900], ids=["first job", "no job", "later job"])
@pytest.mark.interleaving(19, 20, 21)
def test_a_run_that_somebody_stops_answers_its_job_and_does_what_on_abort_says(
    company, target, world, moment, on_abort, status
):
    document = {**target(Act(HOUR), Act(1)), "onAbort": on_abort}
    company.add_pipeline("release", {"Go": [company.waiting_action("Wait", document)]})
    company.start("release")
    while not runs_of(company) or not executions(company):
        world.run(until=world.now + 1)
    world.run(until=world.now + moment)
    (run,) = runs_of(company)
    company.stepfunctions().stop_execution(executionArn=run["executionArn"])
    aborted = world.now
    world.run()

    # then the action has failed within a minute or so, and the target is as the input says
    action = company.action("release", "Wait")
    assert action["status"] == "Failed"
    message = action["output"]["executionResult"]["errorDetails"]["message"]
    assert "was stopped in Step Functions" in message
    assert (action["lastUpdateTime"].timestamp() - aborted) < 60
    (execution,) = executions(company)
    assert execution["status"] == status


def test_a_run_started_directly_and_stopped_stops_its_target_too(company, target, world):
    document = {**target(Act(HOUR), Act(1)), "onAbort": "stop"}
    arn = start_run(company, document)
    world.run(until=world.now + 600)
    company.stepfunctions().stop_execution(executionArn=arn)
    world.run()
    (execution,) = executions(company)
    assert execution["status"] == "Stopped"


@pytest.mark.interleaving(37)
def test_a_redriven_run_starts_nothing_twice(company, target, world):
    stepfunctions = company.stepfunctions()
    arn = start_run(company, target(Act(600)))
    while not executions(company):
        world.run(until=world.now + 0.05)
    stepfunctions.stop_execution(executionArn=arn)
    world.run(until=world.now + 60)
    stepfunctions.redrive_execution(executionArn=arn)
    world.run()
    assert stepfunctions.describe_execution(executionArn=arn)["status"] == "SUCCEEDED"
    assert len(executions(company)) == 1


def test_a_renewal_that_fails_at_the_deadline_leaves_no_job_open(cloud, company, target, release):
    # given a run whose second renewal is two seconds before its deadline, when nothing is answered
    settings.use(settings.Settings(continuation_interval=29.8))
    cloud.faults.add(CallFault("throttled", "codepipeline:PutJobSuccessResult", start=36, end=75))
    action = release({**target(Act(HOUR)), "timeoutMinutes": 1})

    # then the run has told its end itself
    (run,) = runs_of(company)
    message = action["output"]["executionResult"]["errorDetails"]["message"]
    assert "PipelineTimedOut" in message or "deadline" in message
    assert action["lastUpdateTime"].timestamp() - run["stopDate"].timestamp() < 35
