from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from codepipeline_orchestrator.errors import (
    JobNotGenuine,
    JobsUnavailable,
    JobUnanswered,
    RunStatusOutdated,
)
from codepipeline_orchestrator.job.job import Job
from codepipeline_orchestrator.job.token import Token
from codepipeline_orchestrator.job.undelivered_job import close_undelivered
from codepipeline_sandbox.faults import CallFault
from tests.unit.job.actions import (
    ACCOUNT,
    CONTEXT,
    FAILED,
    FIRST,
    MACHINE,
    SECOND,
    SUCCEEDED,
    Answers,
    NoSuchJob,
    NotOpen,
    Runs,
    refused,
)

WAITERS = '{"previous_job_id": "0"}'
OUTPUT = {"output": '{"message": "It succeeded."}'}


@dataclass
class Knowing(Answers):
    details: Any = None

    def get_job_details(self, **_):
        if isinstance(self.details, Exception):
            raise self.details
        return {"jobDetails": self.details or {}}


@pytest.fixture
def closed(jobs):
    def do(*refusals, job=FIRST, token=None, details=None, account=ACCOUNT, **runs):
        codepipeline: Any = Knowing(list(refusals), details=details)
        stepfunctions: Any = Runs(**runs)
        close_undelivered(
            Job(job, account, "job-function", '{"pipelineName": "deploy"}', token),
            why="RetriesExhausted",
            state_machine_arn=MACHINE,
            jobs=jobs,
            stepfunctions=stepfunctions,
            codepipeline=codepipeline,
        )
        return codepipeline.put

    return do


def message(reply):
    return reply["failureDetails"]["message"]


# --- a first job ---


@pytest.mark.interleaving(1)
@pytest.mark.parametrize("has_item", [True, False])
@pytest.mark.parametrize("token", [None, WAITERS])
def test_a_job_whose_run_never_started_fails_as_unavailable(closed, jobs, has_item, token):
    if has_item:
        jobs.open(FIRST, CONTEXT)
    [(job, reply)] = closed(token=token)
    assert (job, reply["failureDetails"]["type"]) == (FIRST, "SystemUnavailable")
    assert "(RetriesExhausted)" in message(reply)
    assert "the run never began." in message(reply)
    assert message(reply) == jobs.open(FIRST, CONTEXT).answer.message


@pytest.mark.interleaving(43)
def test_a_started_run_that_cannot_be_read_makes_lambda_retry_the_event(closed, jobs, raw):
    jobs.begin(FIRST, jobs.open(FIRST, CONTEXT).digest)
    before = raw(FIRST)
    with pytest.raises(RunStatusOutdated, match="has begun but cannot be read yet"):
        closed()
    assert raw(FIRST) == before


@pytest.mark.interleaving(1, 2)
@pytest.mark.parametrize("status", ["RUNNING", "PENDING_REDRIVE", "Paused"])
def test_a_run_in_progress_answers_its_job_itself(closed, jobs, raw, status):
    digest = jobs.open(FIRST, CONTEXT).digest
    before = raw(FIRST)
    assert closed(status=status, digest=digest) == []
    assert raw(FIRST) == before


def test_the_end_of_a_run_is_reported(closed, jobs):
    item = jobs.open(FIRST, CONTEXT)
    jobs.file(FIRST, SECOND, 2, item.secret, CONTEXT)
    [(job, reply)] = closed(status="SUCCEEDED", digest=item.digest, run=OUTPUT)
    assert (job, reply["executionDetails"]["summary"]) == (SECOND, "It succeeded.")


@pytest.mark.interleaving(5)
def test_a_stored_answer_is_used(closed, jobs):
    item = jobs.open(FIRST, CONTEXT)
    jobs.end(FIRST, item.digest, SUCCEEDED)
    [(_, reply)] = closed(status="ABORTED", digest=item.digest)
    assert "outputVariables" in reply
    assert closed(NotOpen(), status="ABORTED", digest=item.digest) == []


@pytest.mark.interleaving(49)
@pytest.mark.parametrize("digest", [None, "0" * 64])
def test_a_foreign_run_with_the_name_of_the_job_reveals_nothing(closed, jobs, raw, digest):
    jobs.open(FIRST, CONTEXT)
    before = raw(FIRST)
    assert closed(status="SUCCEEDED", digest=digest, run=OUTPUT) == []
    assert raw(FIRST) == before


@pytest.mark.interleaving(41)
def test_without_the_table_lambda_retries_the_event(cloud, closed):
    cloud.faults.add(CallFault("throttled", "dynamodb:*", callers="everybody"))
    with pytest.raises(JobsUnavailable):
        closed()


@pytest.mark.parametrize(
    "error",
    [refused("ThrottlingException"), EndpointConnectionError(endpoint_url="https://states")],
)
def test_a_first_job_whose_run_cannot_be_read_makes_lambda_retry_the_event(closed, raw, error):
    with pytest.raises(type(error)):
        closed(error=error)
    assert raw(FIRST) is None


# --- a later job ---

LATER = Token(FIRST, "secret", 7)


@pytest.fixture
def later(closed):
    def do(*refusals, **more):
        token = more.pop("token", LATER.text)
        digest = "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b"
        return closed(*refusals, job=SECOND, token=token, **{"digest": digest, **more})

    return do


@pytest.mark.interleaving(15)
def test_a_later_job_continues_with_the_next_number_while_its_run_is_in_progress(later):
    [(job, reply)] = later(status="RUNNING")
    assert (job, reply["continuationToken"]) == (SECOND, LATER.following().text)


def test_a_later_job_is_answered_with_the_end_of_its_run(later):
    [(job, reply)] = later(status="SUCCEEDED", run=OUTPUT)
    assert (job, reply["executionDetails"]["summary"]) == (SECOND, "It succeeded.")


@pytest.mark.parametrize(
    "error",
    [
        refused("ThrottlingException"),
        refused("InternalFailure", 500),
        EndpointConnectionError(endpoint_url="https://states"),
    ],
)
def test_the_action_continues_while_the_run_cannot_be_read(later, error):
    [(_, reply)] = later(error=error)
    assert reply["continuationToken"] == LATER.following().text
    assert "could not be read" in reply["executionDetails"]["summary"]


@pytest.mark.parametrize("runs", [{"error": refused("AccessDeniedException")}, {}])
def test_the_job_fails_if_the_outcome_of_its_run_stays_unknown(later, runs):
    [(_, reply)] = later(**runs)
    assert reply["failureDetails"]["type"] == "SystemUnavailable"
    assert f"(RetriesExhausted), and the outcome of its run {FIRST} is unknown" in message(reply)
    assert ".." not in message(reply)


@pytest.mark.interleaving(48)
@pytest.mark.parametrize(
    "more",
    [{"token": "MY_TOKEN"}, {"status": "RUNNING", "digest": "0" * 64}],
    ids=["no token", "another secret"],
)
def test_a_token_of_another_run_is_refused(later, more):
    [(job, reply)] = later(**more)
    assert (job, reply["failureDetails"]["type"]) == (SECOND, "ConfigurationError")
    assert reply["failureDetails"]["externalExecutionId"] == SECOND


# --- any job ---


@pytest.mark.interleaving(47)
@pytest.mark.parametrize(
    "forged",
    [
        {"details": NoSuchJob()},
        {"account": "999988887777"},
        {"details": {"data": {"continuationToken": "other"}}},
    ],
    ids=["no such job", "another account", "another action"],
)
@pytest.mark.parametrize("token", [None, LATER.text])
def test_a_forged_event_is_ignored(closed, raw, forged, token):
    with pytest.raises(JobNotGenuine):
        closed(token=token, error=AssertionError("nothing is read"), **forged)
    assert raw(FIRST) is None


@pytest.mark.parametrize("token", [None, LATER.text])
def test_a_job_that_cannot_be_verified_yet_makes_lambda_retry_the_event(closed, raw, token):
    with pytest.raises(ClientError):
        closed(token=token, details=refused("ThrottlingException"))
    assert raw(FIRST) is None


@pytest.mark.interleaving(9)
def test_an_answer_that_codepipeline_rejects_makes_lambda_retry_the_event(closed, jobs):
    with pytest.raises(JobUnanswered):
        closed(refused("ThrottlingException"))
    [(_, reply)] = closed()
    assert FAILED.type != reply["failureDetails"]["type"] == "SystemUnavailable"


@pytest.mark.parametrize(
    "job, token, run", [(FIRST, None, FIRST), (SECOND, LATER.text, FIRST), (SECOND, "x", SECOND)]
)
def test_log_lines_name_the_run_or_the_job_whose_run_is_unknown(
    closed, logged_run, job, token, run
):
    closed(job=job, token=token)
    assert logged_run() == run


@pytest.mark.interleaving(48)
@pytest.mark.parametrize("of", ["the action", "another action", "nobody"])
def test_an_unconfirmed_token_must_belong_to_the_same_action(closed, jobs, of):
    # The run has succeeded, and the job details contain no token.
    item = jobs.open(FIRST, CONTEXT)
    context = {
        "pipelineName": "release",
        "pipelineExecutionId": "e1",
        "action": {"actionExecutionId": "a2" if of == "another action" else "a1"},
    }
    secret = "0" * 32 if of == "nobody" else item.secret
    reply = closed(
        job=SECOND,
        token=Token(FIRST, secret, 2).text,
        details={"id": SECOND, "data": {"pipelineContext": context}},
        status="SUCCEEDED",
        digest=item.digest,
    )
    assert len(reply) == (of == "the action")
