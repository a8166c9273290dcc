from __future__ import annotations

import itertools
from datetime import UTC, datetime

import pytest

from codepipeline_sandbox.codepipeline import Act, settings
from codepipeline_sandbox.faults import CallFault, InvocationFault
from playground.company import SECOND, Action
from tests.statemachine.reading import executions, result, runs_of

MINUTE, HOUR = 60, 3_600
NOTICED = 14 * MINUTE  # The limit from docs/interleavings.md, row 28.


@pytest.fixture
def answers(cloud):
    began, moments = cloud.world.now, []

    def watch(call, proceed):
        if call.operation in {"PutJobSuccessResult", "PutJobFailureResult"}:
            moments.append((cloud.world.now - began, call.operation))
        return proceed()

    cloud.interceptors.append(watch)
    return moments


@pytest.fixture
def ask(company, world):
    def begin(document, seconds):
        company.add_pipeline("release", {"Go": [company.waiting_action("Wait", document)]})
        execution_id = company.start("release")
        world.run(until=world.now + seconds)
        return execution_id

    return begin


def pauses(answers):
    return [late - early for early, late in itertools.pairwise([0, *(each for each, _ in answers)])]


def stop(company, execution_id, *, abandon):
    company.codepipeline().stop_pipeline_execution(
        pipelineName="release", pipelineExecutionId=execution_id, abandon=abandon
    )


def message_of(company):
    return company.action("release", "Wait")["output"]["executionResult"]["errorDetails"]["message"]


def seconds_after(world, fault, seconds, **more):
    start = datetime.fromtimestamp(world.now + seconds, UTC)
    return type(fault)(**{**vars(fault), "start": start, **more})


def test_a_job_is_renewed_once_the_target_is_known_and_every_ten_minutes(answers, target, release):
    action = release(target(Act(HOUR)))

    assert action["status"] == "Succeeded"
    *renewals, end = pauses(answers)
    assert renewals[0] < 20
    assert all(10 * MINUTE <= each < 11 * MINUTE for each in renewals[1:])
    assert len(renewals) == 6
    assert end < 11 * MINUTE


@pytest.mark.interleaving(27)
def test_a_run_survives_an_outage_of_an_hour_in_the_middle_of_a_wait(
    cloud, answers, target, release
):
    # The target's API goes down in the tenth minute.
    outage = CallFault("unavailable", "codepipeline:Get*", account=SECOND, start=600, end=4_200)
    cloud.faults.add(outage)
    polls = []

    def watch(call, proceed):
        if call.operation == "GetPipelineExecution":
            polls.append(cloud.world.now)
        return proceed()

    cloud.interceptors.append(watch)
    action = release(target(Act(5_400)))

    assert action["status"] == "Succeeded"
    assert max(pauses(answers)) < 11 * MINUTE
    assert len(answers) < 15
    assert len(polls) < 200


@pytest.mark.interleaving(26)
@pytest.mark.parametrize("service", ["codepipeline:PutJobSuccessResult", "dynamodb:*"])
def test_a_failed_renewal_is_due_again_two_minutes_later(
    cloud, answers, ask, target, world, service
):
    # The renewal fails despite all retries by the SDK and the state machine.
    ask(target(Act(HOUR)), 8 * MINUTE)
    renewed, well = answers[-1][0], 11 * MINUTE
    cloud.faults.add(CallFault("unavailable", service, start=8 * MINUTE, end=well))
    world.run()

    again = next(moment for moment, _ in answers if moment > well)
    assert 12 * MINUTE <= again - renewed < 13 * MINUTE


@pytest.mark.parametrize("minutes", [1, 2, 6, 21])
def test_the_deadline_is_kept_and_nothing_is_renewed_shortly_before_it(
    answers, company, target, release, minutes
):
    release({**target(Act(HOUR)), "timeoutMinutes": minutes})

    (run,) = runs_of(company)
    lasted = (run["stopDate"] - run["startDate"]).total_seconds()
    assert run["status"] == "FAILED"
    assert minutes * MINUTE <= lasted < minutes * MINUTE + 2.5  # Both times are rounded.
    *renewals, (_, end) = answers
    assert end == "PutJobFailureResult"
    assert all(moment < minutes * MINUTE - 125 for moment, _ in renewals)


def test_a_renewal_that_hangs_before_the_deadline_does_not_delay_the_end(
    cloud, company, target, release
):
    # The call takes longer than the function's timeout.
    fault = CallFault("slow", "codepipeline:PutJobSuccessResult", seconds=60, start=30)
    cloud.faults.add(fault)
    action = release({**target(Act(HOUR)), "timeoutMinutes": 13})

    (run,) = runs_of(company)
    lasted = (run["stopDate"] - run["startDate"]).total_seconds()
    assert lasted < 13 * MINUTE + 5
    assert action["status"] == "Failed"
    assert "deadline" in message_of(company)


@pytest.mark.interleaving(11, 12)
@pytest.mark.parametrize(
    "fault",
    [
        CallFault("lost", "codepipeline:PutJobSuccessResult", times=1),
        # Each call takes 20 ms in the sandbox, so the function dies during the second one.
        InvocationFault("killed", "*-ReportJobResultFunction-*", seconds=0.045, times=1),
    ],
    ids=["the SDK retries", "the function is killed"],
)
def test_a_renewal_whose_answer_is_lost_does_not_end_the_action(
    cloud, answers, company, target, ask, world, fault
):
    # Before the second attempt, CodePipeline closes the job and sends the next one.
    ask({**target(Act(HOUR)), "onAbort": "stop"}, 8 * MINUTE)
    before = len(answers)
    cloud.faults.add(seconds_after(world, fault, 0))
    world.run(until=world.now + 3 * MINUTE)

    assert [strike.kind for strike in cloud.faults.log] == [fault.kind]
    assert len(answers) == before + 2
    world.run()

    assert company.action("release", "Wait")["status"] == "Succeeded"
    assert [each["status"] for each in executions(company)] == ["Succeeded"]


@pytest.mark.interleaving(18)
@pytest.mark.parametrize("seconds", [7 * MINUTE, 15 * MINUTE])
def test_codepipeline_may_send_the_next_job_late(company, target, release, seconds):
    settings.use(settings.Settings(continuation_interval=float(seconds)))
    action = release({**target(Act(HOUR)), "onAbort": "stop"})

    assert action["status"] == "Succeeded"
    assert [each["status"] for each in executions(company)] == ["Succeeded"]


@pytest.mark.interleaving(28)
@pytest.mark.parametrize("refused", ["refused", "ignored"])
@pytest.mark.parametrize("on_abort, status", [("stop", "Stopped"), ("leave", "Succeeded")])
@pytest.mark.parametrize("moment", [70, 20, 900], ids=["a job", "no job", "later"])
def test_on_abort_decides_whether_the_target_of_an_abandoned_action_is_stopped(
    cloud, company, target, ask, world, moment, on_abort, status, refused
):
    settings.use(settings.Settings(abandoned_job_answer=refused))
    execution_id = ask({**target(Act(HOUR), Act(1)), "onAbort": on_abort}, moment)
    stop(company, execution_id, abandon=True)
    abandoned, stops = world.now, []

    def watch(call, proceed):
        if call.operation == "StopPipelineExecution":
            stops.append(world.now - abandoned)
        return proceed()

    cloud.interceptors.append(watch)
    world.run()

    (execution,) = executions(company)
    assert execution["status"] == status
    assert [seconds < NOTICED for seconds in stops] == ([True] if on_abort == "stop" else [])


@pytest.mark.interleaving(28)
@pytest.mark.parametrize("deployment", [{"LocalPipelineNames": "*"}])
def test_nothing_is_started_for_an_action_that_was_abandoned_while_the_target_was_busy(
    company, target, ask, world
):
    document = target(Act(HOUR))
    company.start("deploy", account=SECOND)
    execution_id = ask({**document, "ifRunning": "wait"}, 15 * MINUTE)

    stop(company, execution_id, abandon=True)
    world.run()

    # The only execution is the one that the run waited for.
    (run,) = runs_of(company)
    described = company.stepfunctions().describe_execution(executionArn=run["executionArn"])
    assert described["error"] == "InvokingActionEnded"
    assert len(executions(company)) == 1


@pytest.mark.interleaving(45)
@pytest.mark.parametrize("begun", [True, False])
def test_an_action_abandoned_while_its_start_is_uncertain_starts_nothing_more(
    cloud, company, target, ask, world, begun
):
    # The run cannot find out whether it has started an execution.
    document = {**target(Act(2 * HOUR), Act(1)), "onAbort": "stop"}
    kind = "lost" if begun else "unavailable"
    cloud.faults.add(
        CallFault(kind, "codepipeline:StartPipelineExecution", account=SECOND, end=HOUR),
        CallFault("throttled", "codepipeline:ListPipelineExecutions", account=SECOND, end=HOUR / 2),
    )

    execution_id = ask(document, 10 * MINUTE)
    stop(company, execution_id, abandon=True)
    world.run()

    # The run searches for an execution that it may have started, but does not start another.
    (run,) = runs_of(company)
    described = company.stepfunctions().describe_execution(executionArn=run["executionArn"])
    if begun:
        assert [each["status"] for each in executions(company)] == ["Stopped"]
    else:
        assert described["error"] == "InvokingActionEnded"
        assert executions(company) == []


@pytest.mark.interleaving(29)
def test_a_pipeline_that_is_stopped_without_abandoning_its_actions_waits_for_the_run(
    company, target, ask, world
):
    execution_id = ask({**target(Act(HOUR)), "onAbort": "stop"}, 900)
    stop(company, execution_id, abandon=False)
    world.run()

    (execution,) = executions(company)
    assert execution["status"] == "Succeeded"
    assert company.action("release", "Wait")["status"] == "Succeeded"


@pytest.mark.interleaving(30)
def test_a_run_that_outlives_its_action_sends_few_answers(answers, company, target, release):
    # CodePipeline gives up on the action after two hours instead of 24.
    settings.use(settings.Settings(job_limit=2.0 * HOUR))
    release({**target(Act(4 * HOUR)), "timeoutMinutes": 360})

    (run,) = runs_of(company)
    assert run["status"] == "SUCCEEDED"
    assert [each["status"] for each in executions(company)] == ["Succeeded"]
    # After the action has ended, there is at most one answer every two minutes.
    assert len(answers) < 2 * 6 + 2 * 60


@pytest.mark.interleaving(31)
@pytest.mark.parametrize("if_running, count", [("start", 2), ("join", 1)])
def test_retrying_a_stage_whose_target_still_runs_starts_a_second_run(
    company, target, ask, world, if_running, count
):
    document = {**target(Act(HOUR)), "ifRunning": if_running}
    execution_id = ask(document, 5 * MINUTE)
    stop(company, execution_id, abandon=True)
    world.run(until=world.now + 60)

    company.codepipeline().retry_stage_execution(
        pipelineName="release",
        stageName="Go",
        pipelineExecutionId=execution_id,
        retryMode="FAILED_ACTIONS",
    )
    world.run()

    assert len(runs_of(company)) == 2
    assert len(executions(company)) == count
    assert company.action("release", "Wait")["status"] == "Succeeded"


@pytest.mark.interleaving(41)
@pytest.mark.parametrize(
    "start", [0, 30, 590, HOUR - 60], ids=["first", "filing", "renewal", "end"]
)
def test_a_table_that_is_down_for_two_minutes_does_no_harm(cloud, company, target, release, start):
    fault = CallFault("unavailable", "dynamodb:*", start=start, end=start + 120)
    cloud.faults.add(fault)
    action = release(target(Act(HOUR)))

    assert cloud.faults.log
    assert action["status"] == "Succeeded"
    assert [each["status"] for each in executions(company)] == ["Succeeded"]


@pytest.mark.interleaving(23)
def test_a_run_that_times_out_treats_its_target_as_on_timeout_specifies(company, target, release):
    document = {**target(Act(HOUR)), "timeoutMinutes": 20, "onTimeout": "leave", "onAbort": "stop"}
    release(document)

    (run,) = runs_of(company)
    described = company.stepfunctions().describe_execution(executionArn=run["executionArn"])
    assert described["error"] == "PipelineTimedOut"
    assert result(described)["outcome"] == "TimedOut"
    assert [each["status"] for each in executions(company)] == ["Succeeded"]


@pytest.mark.interleaving(67)
def test_a_pending_approval_is_shown_as_soon_as_the_next_job_is_filed(company, target, ask, world):
    # The target needs an approval shortly after a renewal.
    company.add_pipeline(
        "asks",
        {"Deploy": [Action("Rollout", (Act(1),))], "Ask": [Action("Approve", (), "Manual")]},
        account=SECOND,
    )
    ask({"pipelineName": "asks", "roleArn": company.target_roles[SECOND]}, 90)

    summary = company.action("release", "Wait")["output"]["executionResult"]
    assert "approv" in summary["externalExecutionSummary"].lower()
