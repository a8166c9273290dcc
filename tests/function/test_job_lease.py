"""The job lease: who holds the job, who answers it, and what happens when AWS says otherwise."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

import codepipeline_job
from codepipeline_orchestrator.errors import (
    InvokingActionEnded,
    JobLeaseLost,
    JobUnanswered,
    RunStatusOutdated,
)
from codepipeline_orchestrator.job.job import Job
from codepipeline_orchestrator.job.renewal import renew
from codepipeline_orchestrator.job.token import plain_token, token_with_task
from codepipeline_orchestrator.model.documents import to_document
from tests.function.runs import ID, START, STATE, asked

MACHINE = "arn:aws:states:eu-west-1:111122223333:stateMachine:Runs"
FIRST_ID = "11111111-abcd-1111-abcd-111111abcdef"
NEXT_ID = "22222222-abcd-1111-abcd-111111abcdef"
RUN = f"arn:aws:states:eu-west-1:111122223333:execution:Runs:{FIRST_ID}"
NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
TASK = "t" * 650
ANSWERED_AT = START + timedelta(seconds=30)

FIRST = Job(FIRST_ID, "111122223333", "job-function", '{"pipelineName": "deploy"}', None)
HELD_INPUT = {
    "job": {"id": FIRST_ID, "held": True, "action": FIRST.action},
    "input": {"pipelineName": "deploy"},
}
TOKEN = token_with_task(run=FIRST_ID, action=FIRST.action, task=TASK, at=ANSWERED_AT)
NEXT = replace(FIRST, id=NEXT_ID, continuation_token=TOKEN)
RENEW_AT = (ANSWERED_AT + timedelta(minutes=10)).isoformat()
HAND_OVER = {
    "taskToken": TASK,
    "output": json.dumps({"heldJob": {"id": NEXT_ID, "action": FIRST.action, "renewAt": RENEW_AT}}),
}


def answer(job, stepfunctions, codepipeline, minutes=10):
    codepipeline_job.answer(
        job,
        lease=timedelta(minutes=minutes),
        state_machine_arn=MACHINE,
        stepfunctions=stepfunctions.client,
        connect_codepipeline=lambda: codepipeline.client,
    )


def run_is(stepfunctions, status, **more):
    said = {"executionArn": RUN, "stateMachineArn": MACHINE, "name": FIRST_ID, "startDate": NOW}
    document = {**said, "status": status, "input": json.dumps(HELD_INPUT), **more}
    stepfunctions.add_response("describe_execution", document, {"executionArn": RUN})


def polled(stepfunctions, codepipeline, job):
    """The job is answered with a plain token, as without a lease."""
    run_is(stepfunctions, "RUNNING")
    stepfunctions.add_response("get_execution_history", {"events": []})
    codepipeline.add_response(
        "put_job_success_result",
        {},
        {
            "jobId": job.id,
            "continuationToken": plain_token(run=FIRST_ID, action=FIRST.action),
            "executionDetails": {
                "summary": "Following deploy. Run: https://eu-west-1.console.aws.amazon.com/states/"
                f"home?region=eu-west-1#/v2/executions/details/{RUN}",
                "externalExecutionId": FIRST_ID,
            },
        },
    )


# --- codepipeline_job ---


def test_a_new_job_is_left_to_its_run(stepfunctions, codepipeline):
    codepipeline.add_client_error("get_job_details", "Throttling")
    stepfunctions.add_response(
        "start_execution",
        {"executionArn": RUN, "startDate": NOW},
        {"stateMachineArn": MACHINE, "name": FIRST_ID, "input": json.dumps(HELD_INPUT)},
    )
    answer(FIRST, stepfunctions, codepipeline)


@pytest.mark.interleaving(4)
def test_a_new_job_that_comes_again_is_still_left_to_its_run(stepfunctions, codepipeline):
    codepipeline.add_client_error("get_job_details", "Throttling")
    stepfunctions.add_client_error("start_execution", "ExecutionAlreadyExists")
    run_is(stepfunctions, "RUNNING")
    answer(FIRST, stepfunctions, codepipeline)


def test_a_job_whose_run_cannot_be_read_yet_is_brought_back_by_lambda(stepfunctions, codepipeline):
    # given a run that exists, which DescribeExecution does not know of yet
    codepipeline.add_client_error("get_job_details", "Throttling")
    stepfunctions.add_client_error("start_execution", "ExecutionAlreadyExists")
    stepfunctions.add_client_error("describe_execution", "ExecutionDoesNotExist")
    with pytest.raises(RunStatusOutdated, match="cannot be read yet"):
        answer(FIRST, stepfunctions, codepipeline)


def test_a_job_whose_run_was_begun_without_a_lease_is_answered(stepfunctions, codepipeline):
    # given a lease that was switched on between two deliveries of the job
    codepipeline.add_client_error("get_job_details", "Throttling")
    stepfunctions.add_client_error("start_execution", "ExecutionAlreadyExists")
    run_is(stepfunctions, "RUNNING", input=json.dumps({**HELD_INPUT, "job": {"id": FIRST_ID}}))
    stepfunctions.add_response("get_execution_history", {"events": []})
    codepipeline.add_response("put_job_success_result", {})
    answer(FIRST, stepfunctions, codepipeline)


def test_the_next_job_is_handed_over_to_the_run_that_waits_for_it(stepfunctions, codepipeline, at):
    stepfunctions.add_response("send_task_success", {}, HAND_OVER)
    answer(NEXT, stepfunctions, codepipeline)


@pytest.mark.parametrize(
    "code", ["TaskTimedOut", "TaskDoesNotExist", "InvalidToken", "ThrottlingException"]
)
@pytest.mark.interleaving(14, 15, 16, 18)
def test_a_job_that_the_run_does_not_take_is_answered(
    stepfunctions, codepipeline, at, counted, code
):
    stepfunctions.add_client_error("send_task_success", code)
    polled(stepfunctions, codepipeline, NEXT)
    answer(NEXT, stepfunctions, codepipeline)
    assert counted() == ["LeasesLost"]


@pytest.mark.parametrize(
    "age, minutes, lost",
    [(300, 10, ["LeasesLost"]), (10, 0, [])],
    ids=["too late", "switched off"],
)
def test_nothing_is_handed_over(stepfunctions, codepipeline, at, counted, age, minutes, lost):
    at(30 + age)
    polled(stepfunctions, codepipeline, NEXT)
    answer(NEXT, stepfunctions, codepipeline, minutes)
    assert counted() == lost


# --- report_job_result, behind RenewJobLease ---

SNAPSHOT = {
    "target": "deploy (account 222233334444, eu-west-1)",
    "pipelineExecutionId": ID,
    "status": "InProgress",
    "percent": 40,
}


def event(task=TASK, on_abort="leave", **more):
    return {
        "run": RUN,
        "taskToken": task,
        "heldJob": {"id": FIRST_ID, "action": FIRST.action, "renewAt": START.isoformat()},
        "target": to_document(STATE.target),
        "request": to_document(asked(onAbort=on_abort).request),
        "execution": {"pipelineExecutionId": ID, "startTime": None},
        "snapshot": SNAPSHOT,
        **more,
    }


def test_a_renewal_tells_what_is_followed_and_who_waits_for_the_next_job(codepipeline, at):
    at(30)
    codepipeline.add_response(
        "put_job_success_result",
        {},
        {
            "jobId": FIRST_ID,
            "continuationToken": TOKEN,
            "executionDetails": {
                "summary": "Waiting for deploy (account 222233334444, eu-west-1), execution "
                f"{ID}, which is InProgress Run: https://eu-west-1.console.aws.amazon.com/states/"
                f"home?region=eu-west-1#/v2/executions/details/{RUN}",
                "externalExecutionId": ID,
                "percentComplete": 40,
            },
        },
    )
    renew(event(), codepipeline=codepipeline.client)


def test_a_renewal_without_a_poll_of_the_target_says_less(codepipeline, at, counted):
    codepipeline.add_response("put_job_success_result", {})
    renew(event(snapshot=None), codepipeline=codepipeline.client)
    assert counted() == ["LeasesRenewed"]


@pytest.mark.interleaving(13)
def test_a_token_that_would_be_too_long_is_left_plain_and_the_run_does_not_wait(
    codepipeline, at, counted
):
    codepipeline.add_response(
        "put_job_success_result",
        {},
        {
            "jobId": FIRST_ID,
            "continuationToken": plain_token(run=FIRST_ID, action=FIRST.action),
            "executionDetails": {
                "summary": "Following deploy. Run: https://eu-west-1.console.aws.amazon.com/states/"
                f"home?region=eu-west-1#/v2/executions/details/{RUN}",
                "externalExecutionId": FIRST_ID,
            },
        },
    )
    with pytest.raises(JobLeaseLost, match="too long"):
        renew(event("t" * 2_048, snapshot=None), codepipeline=codepipeline.client)
    assert counted() == ["LeasesLost"]


@pytest.mark.parametrize("code", ["InvalidJobStateException", "JobNotFoundException"])
@pytest.mark.interleaving(11, 12)
def test_a_job_that_was_answered_before_is_a_lost_lease(codepipeline, at, counted, code):
    codepipeline.add_client_error("put_job_success_result", code)
    with pytest.raises(JobLeaseLost):
        renew(event(), codepipeline=codepipeline.client)
    assert counted() == ["LeasesLost"]


def test_an_answer_that_codepipeline_does_not_take_is_tried_again(codepipeline, at):
    codepipeline.add_client_error("put_job_success_result", "ThrottlingException")
    with pytest.raises(JobUnanswered):
        renew(event(), codepipeline=codepipeline.client)


def action_is(codepipeline, *statuses):
    """The job had been answered, and the invoking pipeline shows its action so."""
    codepipeline.add_client_error("put_job_success_result", "InvalidJobStateException")
    context = {
        "pipelineName": "release",
        "pipelineExecutionId": "e1",
        "action": {"name": "Wait", "actionExecutionId": "a1"},
    }
    codepipeline.add_response(
        "get_job_details", {"jobDetails": {"data": {"pipelineContext": context}}}
    )
    actions = [{"actionExecutionId": f"a{n}", "status": each} for n, each in enumerate(statuses, 1)]
    codepipeline.add_response(
        "list_action_executions",
        {"actionExecutionDetails": actions},
        {"pipelineName": "release", "filter": {"pipelineExecutionId": "e1"}},
    )


@pytest.mark.parametrize(
    "asked",
    [{"on_abort": "stop"}, {"execution": None}],
    ids=["a target to stop", "a target not yet started"],
)
@pytest.mark.interleaving(28)
def test_an_action_that_is_no_longer_in_progress_ends_what_was_done_for_it(codepipeline, at, asked):
    action_is(codepipeline, "Abandoned", "InProgress")
    with pytest.raises(InvokingActionEnded, match="is no longer in progress: it was abandoned"):
        renew(event(**asked), codepipeline=codepipeline.client)


def test_an_action_that_goes_on_keeps_its_target(codepipeline, at):
    action_is(codepipeline, "InProgress", "Abandoned")
    with pytest.raises(JobLeaseLost):
        renew(event(on_abort="stop"), codepipeline=codepipeline.client)


@pytest.mark.parametrize("code", ["AccessDeniedException", "ThrottlingException"])
def test_an_action_of_which_nothing_is_known_keeps_its_target(codepipeline, at, code):
    codepipeline.add_client_error("put_job_success_result", "InvalidJobStateException")
    codepipeline.add_client_error("get_job_details", code)
    with pytest.raises(JobLeaseLost):
        renew(event(on_abort="stop"), codepipeline=codepipeline.client)


@pytest.mark.parametrize("missing", ["pipelineName", "pipelineExecutionId"])
def test_an_action_that_the_job_does_not_fully_name_keeps_its_target(codepipeline, at, missing):
    codepipeline.add_client_error("put_job_success_result", "InvalidJobStateException")
    context = {"pipelineName": "release", "pipelineExecutionId": "e1", "action": {"name": "Wait"}}
    del context[missing]
    codepipeline.add_response(
        "get_job_details", {"jobDetails": {"data": {"pipelineContext": context}}}
    )
    with pytest.raises(JobLeaseLost):
        renew(event(on_abort="stop"), codepipeline=codepipeline.client)
