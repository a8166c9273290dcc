"""What close_job does with the job of an event that nobody could deal with."""

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
from sandbox.faults import CallFault
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
    """CodePipeline that knows the job, or does not."""

    details: Any = None

    def get_job_details(self, **_):
        if isinstance(self.details, Exception):
            raise self.details
        return {"jobDetails": self.details or {}}


@pytest.fixture
def closed(jobs):
    """Closes a job that was not delivered: CodePipeline's answers."""

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


def message(told):
    return told["failureDetails"]["message"]


# --- a first job ---


@pytest.mark.interleaving(1)
@pytest.mark.parametrize("has_item", [True, False])
@pytest.mark.parametrize("token", [None, WAITERS])
def test_a_job_whose_run_never_began_is_unavailable(closed, jobs, has_item, token):
    if has_item:
        jobs.open(FIRST, CONTEXT)
    [(job, told)] = closed(token=token)
    assert (job, told["failureDetails"]["type"]) == (FIRST, "SystemUnavailable")
    assert "(RetriesExhausted)" in message(told)
    assert "It never began." in message(told)
    # then a late delivery starts nothing
    assert message(told) == jobs.open(FIRST, CONTEXT).answer.message


@pytest.mark.interleaving(43)
def test_a_run_that_has_begun_but_cannot_be_read_yet_brings_the_event_back(closed, jobs, raw):
    jobs.begin(FIRST, jobs.open(FIRST, CONTEXT).digest)
    before = raw(FIRST)
    with pytest.raises(RunStatusOutdated, match="has begun, but cannot be read yet"):
        closed()
    assert raw(FIRST) == before


@pytest.mark.interleaving(1, 2)
@pytest.mark.parametrize("status", ["RUNNING", "PENDING_REDRIVE", "Paused"])
def test_a_run_that_goes_on_answers_its_job_itself(closed, jobs, raw, status):
    digest = jobs.open(FIRST, CONTEXT).digest
    before = raw(FIRST)
    assert closed(status=status, digest=digest) == []
    assert raw(FIRST) == before


def test_a_run_that_has_ended_is_told(closed, jobs):
    item = jobs.open(FIRST, CONTEXT)
    jobs.file(FIRST, SECOND, 2, item.secret, CONTEXT)
    [(job, told)] = closed(status="SUCCEEDED", digest=item.digest, run=OUTPUT)
    assert (job, told["executionDetails"]["summary"]) == (SECOND, "It succeeded.")


@pytest.mark.interleaving(5)
def test_an_answer_that_is_there_counts(closed, jobs):
    item = jobs.open(FIRST, CONTEXT)
    jobs.end(FIRST, item.digest, SUCCEEDED)
    [(_, told)] = closed(status="ABORTED", digest=item.digest)
    assert "outputVariables" in told
    assert closed(NotOpen(), status="ABORTED", digest=item.digest) == []


@pytest.mark.interleaving(49)
@pytest.mark.parametrize("digest", [None, "0" * 64])
def test_a_run_of_somebody_else_under_the_jobs_name_tells_nothing(closed, jobs, raw, digest):
    jobs.open(FIRST, CONTEXT)
    before = raw(FIRST)
    assert closed(status="SUCCEEDED", digest=digest, run=OUTPUT) == []
    assert raw(FIRST) == before


@pytest.mark.interleaving(41)
def test_without_the_table_the_event_comes_back(cloud, closed):
    cloud.faults.add(CallFault("throttled", "dynamodb:*", callers="everybody"))
    with pytest.raises(JobsUnavailable):
        closed()


@pytest.mark.parametrize(
    "error",
    [refused("ThrottlingException"), EndpointConnectionError(endpoint_url="https://states")],
)
def test_a_first_job_whose_run_cannot_be_read_comes_back(closed, raw, error):
    with pytest.raises(type(error)):
        closed(error=error)
    assert raw(FIRST) is None


# --- a later job ---

LATER = Token(FIRST, "secret", 7)


@pytest.fixture
def later(closed):
    """Closes a later job, whose run knows the secret."""

    def do(*refusals, **more):
        token = more.pop("token", LATER.text)
        digest = "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b"
        return closed(*refusals, job=SECOND, token=token, **{"digest": digest, **more})

    return do


@pytest.mark.interleaving(15)
def test_a_later_job_continues_with_the_next_number_while_its_run_goes_on(later):
    [(job, told)] = later(status="RUNNING")
    assert (job, told["continuationToken"]) == (SECOND, LATER.following().text)


def test_a_later_job_gets_the_end_of_its_run(later):
    [(job, told)] = later(status="SUCCEEDED", run=OUTPUT)
    assert (job, told["executionDetails"]["summary"]) == (SECOND, "It succeeded.")


@pytest.mark.parametrize(
    "error",
    [
        refused("ThrottlingException"),
        refused("InternalFailure", 500),
        EndpointConnectionError(endpoint_url="https://states"),
    ],
)
def test_a_run_that_cannot_be_read_for_the_moment_is_not_given_up(later, error):
    [(_, told)] = later(error=error)
    assert told["continuationToken"] == LATER.following().text
    assert "could not be read" in told["executionDetails"]["summary"]


@pytest.mark.parametrize("runs", [{"error": refused("AccessDeniedException")}, {}])
def test_a_run_that_cannot_tell_its_outcome_is_given_up(later, runs):
    [(_, told)] = later(**runs)
    assert told["failureDetails"]["type"] == "SystemUnavailable"
    assert f"(RetriesExhausted), and the outcome of its run {FIRST} is unknown" in message(told)


@pytest.mark.interleaving(48)
@pytest.mark.parametrize(
    "more",
    [{"token": "MY_TOKEN"}, {"status": "RUNNING", "digest": "0" * 64}],
    ids=["no token", "another secret"],
)
def test_a_token_that_is_not_the_runs_is_refused(later, more):
    [(job, told)] = later(**more)
    assert (job, told["failureDetails"]["type"]) == (SECOND, "ConfigurationError")
    assert told["failureDetails"]["externalExecutionId"] == SECOND


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
def test_for_an_event_that_is_not_codepipelines_nothing_is_done(closed, raw, forged, token):
    with pytest.raises(JobNotGenuine):
        closed(token=token, error=AssertionError("nothing is read"), **forged)
    assert raw(FIRST) is None


@pytest.mark.parametrize("token", [None, LATER.text])
def test_a_job_that_cannot_be_compared_now_comes_back(closed, raw, token):
    with pytest.raises(ClientError):
        closed(token=token, details=refused("ThrottlingException"))
    assert raw(FIRST) is None


@pytest.mark.interleaving(9)
def test_an_answer_that_codepipeline_does_not_take_comes_back(closed, jobs):
    with pytest.raises(JobUnanswered):
        closed(refused("ThrottlingException"))
    [(_, told)] = closed()
    assert FAILED.type != told["failureDetails"]["type"] == "SystemUnavailable"


@pytest.mark.interleaving(48)
@pytest.mark.parametrize("of", ["the action", "another action", "nobody"])
def test_a_token_that_codepipeline_does_not_confirm_has_to_be_the_actions_own(closed, jobs, of):
    # given GetJobDetails without the token, and a run that has succeeded
    item = jobs.open(FIRST, CONTEXT)
    context = {
        "pipelineName": "release",
        "pipelineExecutionId": "e1",
        "action": {"actionExecutionId": "a2" if of == "another action" else "a1"},
    }
    secret = "0" * 32 if of == "nobody" else item.secret
    told = closed(
        job=SECOND,
        token=Token(FIRST, secret, 2).text,
        details={"id": SECOND, "data": {"pipelineContext": context}},
        status="SUCCEEDED",
        digest=item.digest,
    )
    assert len(told) == (of == "the action")
