from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from codepipeline_orchestrator.errors import (
    InvalidContinuationToken,
    JobsUnavailable,
    RunNotFound,
    RunStatusOutdated,
)
from codepipeline_orchestrator.job.answer import StillRunning
from codepipeline_orchestrator.job.genuine import Genuine
from codepipeline_orchestrator.job.job import Job
from codepipeline_orchestrator.job.next_job import file_job
from codepipeline_orchestrator.job.token import Token
from codepipeline_sandbox.faults import CallFault
from tests.unit.job.actions import (
    ACCOUNT,
    CONTEXT,
    FAILED,
    FIRST,
    MACHINE,
    RUN,
    SECOND,
    SUCCEEDED,
    THIRD,
    UNKNOWN,
    Functions,
    Runs,
    context_of,
    refused,
)

PUBLIC_LINK = "https://eu-west-1.console.aws.amazon.com/states/home?region=eu-west-1#/v2/executions"


@pytest.fixture
def item(jobs):
    return jobs.open(FIRST, CONTEXT)


@pytest.fixture
def filed(jobs, item):
    def do(*, job=SECOND, n=2, secret=None, context=CONTEXT, has_token=True, **runs):
        token = Token(FIRST, item.secret if secret is None else secret, n)
        functions: Any = Functions()
        stepfunctions: Any = Runs(**{"status": "RUNNING", "digest": item.digest, **runs})
        answer = file_job(
            Job(job, ACCOUNT, "job-function", None, token.text),
            Genuine(context, has_token),
            state_machine_arn=MACHINE,
            jobs=jobs,
            stepfunctions=stepfunctions,
            close_job_function="close-job",
            connect_lambda=lambda: functions,
        )
        return answer, functions.invoked

    return do


def continued(n):
    return lambda secret: StillRunning(
        Token(FIRST, secret, n).text, f"Following deploy. Run: {PUBLIC_LINK}/details/{RUN}", FIRST
    )


@pytest.mark.parametrize("status", ["RUNNING", "PENDING_REDRIVE", "Paused"])
def test_a_filed_job_is_answered_later_by_its_run(filed, jobs, status):
    assert filed(status=status) == (None, [])
    assert (jobs.read(FIRST).job, jobs.read(FIRST).n) == (SECOND, 2)


def test_a_job_without_an_action_name_is_also_filed(filed, jobs):
    assert filed(context=UNKNOWN) == (None, [])
    assert jobs.read(FIRST).job == SECOND


@pytest.mark.interleaving(42)
def test_a_repeated_job_changes_nothing(filed, raw):
    filed()
    before = raw(FIRST)
    assert filed() == (None, [])
    assert raw(FIRST) == before


@pytest.mark.interleaving(13)
def test_an_older_job_is_not_answered_and_changes_nothing(filed, raw):
    filed(job=THIRD, n=3)
    before = raw(FIRST)
    assert filed(job=SECOND, n=2, status=None) == (None, [])
    assert raw(FIRST) == before


@pytest.mark.interleaving(6, 17)
@pytest.mark.parametrize("status", ["RUNNING", "SUCCEEDED", "ABORTED", None])
@pytest.mark.parametrize("end", [SUCCEEDED, FAILED])
def test_a_job_that_arrives_after_the_answer_gets_the_answer(filed, item, jobs, status, end):
    jobs.end(FIRST, item.digest, end)
    assert filed(status=status) == (end, [])


@pytest.mark.parametrize("status", ["FAILED", "ABORTED", "TIMED_OUT", "SUCCEEDED"])
def test_a_run_that_ended_without_an_answer_is_handed_to_close_job(filed, status):
    answer, [invoked] = filed(status=status, run={"redriveCount": 2})
    assert answer is None
    assert invoked == {
        "FunctionName": "close-job",
        "InvocationType": "Event",
        "Payload": {"detail": {"executionArn": RUN, "status": status, "redriveCount": 2}},
    }


@pytest.mark.parametrize("runs", [{"status": None}, {"run": {"status": None}}])
def test_a_run_that_cannot_be_read_yet_makes_lambda_retry_the_event(filed, jobs, runs):
    with pytest.raises(RunStatusOutdated):
        filed(**runs)
    assert jobs.read(FIRST).job == SECOND


@pytest.mark.parametrize(
    "error",
    [refused("ThrottlingException"), EndpointConnectionError(endpoint_url="https://states")],
)
def test_a_run_whose_status_cannot_be_read_makes_lambda_retry_the_event(filed, error):
    with pytest.raises(type(error)):
        filed(error=error)
    assert filed() == (None, [])


FOREIGN = {
    "another secret": {"secret": "0" * 32},
    "another action": {"context": context_of("a2")},
    "another execution": {"context": context_of(execution="e2")},
}


@pytest.mark.interleaving(48)
@pytest.mark.parametrize("token", FOREIGN.values(), ids=FOREIGN)
@pytest.mark.parametrize("has_answer", [False, True])
def test_a_token_of_another_action_is_refused_and_nothing_is_read(
    filed, item, jobs, raw, token, has_answer
):
    if has_answer:
        jobs.end(FIRST, item.digest, SUCCEEDED)
    before = raw(FIRST)
    with pytest.raises(InvalidContinuationToken, match="belongs to another action"):
        filed(**token, error=AssertionError("nothing is read"))
    assert raw(FIRST) == before


@pytest.fixture(params=["no item", "no table"])
def unfiled(request, cloud, dynamodb, item):
    if request.param == "no item":
        dynamodb.delete_item(TableName="Jobs", Key={"run": {"S": FIRST}})
    else:
        fault = CallFault("throttled", "dynamodb:UpdateItem", callers="everybody")
        cloud.faults.add(fault)


@pytest.mark.interleaving(15, 41)
@pytest.mark.parametrize("n", [2, 7])
def test_without_an_item_the_action_of_a_running_run_continues(unfiled, filed, item, n):
    assert filed(n=n) == (continued(n + 1)(item.secret), [])


def test_without_an_item_the_answer_comes_from_the_status_of_the_run(unfiled, filed):
    answer, invoked = filed(status="SUCCEEDED", run={"output": '{"message": "It succeeded."}'})
    assert (answer.summary, invoked) == ("It succeeded.", [])


@pytest.mark.interleaving(48)
@pytest.mark.parametrize("digest", ["0" * 64, None])
def test_without_an_item_a_token_with_a_wrong_secret_is_refused(unfiled, filed, digest):
    with pytest.raises(InvalidContinuationToken, match="belongs to another action"):
        filed(digest=digest)


@pytest.mark.interleaving(48)
def test_without_an_item_a_token_for_a_missing_run_is_refused(unfiled, filed):
    with pytest.raises(RunNotFound):
        filed(status=None)


def test_without_an_item_and_without_a_status_lambda_retries_the_event(unfiled, filed):
    with pytest.raises(ClientError):
        filed(error=refused("ThrottlingException"))


@pytest.mark.interleaving(48)
def test_without_an_item_a_token_that_codepipeline_does_not_confirm_gets_no_answer(unfiled, filed):
    # A job of another action has the token of a run that has succeeded.
    with pytest.raises((InvalidContinuationToken, JobsUnavailable)):
        filed(has_token=False, status="SUCCEEDED")
