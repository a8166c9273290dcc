from __future__ import annotations

import json
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

import codepipeline_job
from codepipeline_orchestrator.aws import clients
from codepipeline_orchestrator.errors import JobsUnavailable, JobUnanswered, RunStatusOutdated
from codepipeline_orchestrator.job.job import Job
from codepipeline_orchestrator.job.token import Token
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
    Functions,
    NoSuchJob,
    NotOpen,
    Runs,
    refused,
)

ASKED = '{"pipelineName": "deploy"}'
NEW = Job(FIRST, ACCOUNT, "job-function", ASKED, None)
RELEASE = {
    "pipelineName": "release",
    "pipelineExecutionId": "e1",
    "action": {"actionExecutionId": "a1"},
}


@dataclass
class CodePipeline(Answers):
    details: Any = None

    def get_job_details(self, **_):
        if isinstance(self.details, Exception):
            raise self.details
        return {"jobDetails": self.details or {"data": {"pipelineContext": RELEASE}}}


@pytest.fixture
def taken(jobs):
    def do(job, *refusals, details=None, functions=None, **runs):
        aws_lambda: Any = functions or Functions()
        codepipeline: Any = CodePipeline(list(refusals), details=details)
        stepfunctions: Any = Runs(**runs)
        codepipeline_job.take(
            job,
            state_machine_arn=MACHINE,
            close_job_function="close-job",
            jobs=jobs,
            stepfunctions=stepfunctions,
            codepipeline=codepipeline,
            connect_lambda=lambda: aws_lambda,
        )
        return codepipeline.put, [each["name"] for each in stepfunctions.started]

    return do


@pytest.fixture
def item(jobs):
    return jobs.open(FIRST, CONTEXT)


@pytest.fixture
def following(item):
    return replace(NEW, id=SECOND, continuation_token=Token(FIRST, item.secret, 2).text)


def failure(put):
    [(job, reply)] = put
    return job, reply["failureDetails"]["type"], reply["failureDetails"]["message"]


# --- a first job ---


def test_a_first_job_is_answered_later_by_the_run_that_it_starts(taken, raw):
    assert taken(NEW) == ([], [FIRST])
    assert json.loads(raw(FIRST)["context"])["pipelineExecutionId"] == "e1"


@pytest.mark.interleaving(2, 3, 4)
def test_a_repeated_first_job_is_answered_later_by_its_run(taken, raw):
    taken(NEW)
    before = raw(FIRST)
    assert taken(NEW) == ([], [FIRST])  # StartExecution is idempotent while the run is in progress.
    assert taken(NEW, status="RUNNING") == ([], [])
    assert raw(FIRST) == before


@pytest.mark.interleaving(5)
@pytest.mark.parametrize("refusal", [[], [NotOpen()]], ids=["open", "answered"])
def test_a_first_job_that_is_repeated_after_the_end_gets_the_answer(taken, item, jobs, refusal):
    jobs.end(FIRST, item.digest, FAILED)
    put, started = taken(NEW, *refusal, status="FAILED")
    assert started == []
    assert [job for job, _ in put] == ([] if refusal else [FIRST])


@pytest.mark.interleaving(8)
def test_a_run_that_cannot_be_started_makes_lambda_retry_the_event(taken):
    with pytest.raises(ClientError):
        taken(NEW, error=refused("ThrottlingException"))
    assert taken(NEW) == ([], [FIRST])


@pytest.mark.interleaving(41)
def test_without_the_table_a_first_job_is_retried_and_nothing_is_started(cloud, taken):
    fault = CallFault("throttled", "dynamodb:UpdateItem", callers="everybody", times=3)
    cloud.faults.add(fault)
    with pytest.raises(JobsUnavailable):
        taken(NEW, error=AssertionError("nothing is started"))
    assert taken(NEW) == ([], [FIRST])


@pytest.mark.parametrize(
    "parameters, words",
    [
        ('{"pipelinName": "deploy"}', "did you mean pipelineName?"),
        ('{"pipelineName": "release"}', "release names itself as its target"),
    ],
)
def test_a_mistake_in_the_action_fails_it_immediately(taken, raw, parameters, words):
    put, started = taken(replace(NEW, user_parameters=parameters))
    job, kind, message = failure(put)
    assert (job, kind, started) == (FIRST, "ConfigurationError", [])
    assert words in message
    assert raw(FIRST) is None


@pytest.mark.parametrize("code", ["AccessDeniedException", "ValidationException"])
def test_a_job_is_handled_even_if_its_details_cannot_be_read(taken, code):
    assert taken(NEW, details=refused(code)) == ([], [FIRST])


# --- a later job ---


def test_a_later_job_is_answered_by_its_run(taken, following, item, jobs):
    assert taken(following, status="RUNNING", digest=item.digest) == ([], [])
    assert jobs.read(FIRST).job == SECOND


@pytest.mark.interleaving(6, 17)
def test_a_later_job_gets_the_stored_answer(taken, following, item, jobs):
    jobs.end(FIRST, item.digest, SUCCEEDED)
    [(job, reply)], _ = taken(following, status="RUNNING")
    assert (job, reply["outputVariables"]) == (SECOND, {"outcome": "Succeeded"})


@pytest.mark.interleaving(50)
def test_an_answer_with_refused_variables_is_sent_again_without_them(taken, following, item, jobs):
    jobs.end(FIRST, item.digest, SUCCEEDED)
    [(_, reply)], _ = taken(following, refused("OutputVariablesSizeExceededException"))
    assert reply["outputVariables"] == {}


@pytest.mark.interleaving(42)
@pytest.mark.parametrize("error", [NotOpen(), NoSuchJob()])
def test_a_later_job_that_is_already_closed_is_ignored(taken, following, item, jobs, error):
    jobs.end(FIRST, item.digest, SUCCEEDED)
    assert taken(following, error) == ([], [])


def test_a_run_that_ended_without_an_answer_is_handed_to_close_job(taken, following, item):
    functions = Functions()
    assert taken(following, status="ABORTED", digest=item.digest, functions=functions) == ([], [])
    [invoked] = functions.invoked
    assert invoked["FunctionName"] == "close-job"


@pytest.mark.interleaving(15, 41)
def test_without_the_table_a_later_job_is_answered_from_the_status_of_the_run(
    cloud, taken, following, item
):
    cloud.faults.add(CallFault("throttled", "dynamodb:*", callers="everybody"))
    [(job, reply)], _ = taken(following, status="RUNNING", digest=item.digest)
    assert job == SECOND
    assert reply["continuationToken"] == Token(FIRST, item.secret, 3).text


@pytest.mark.interleaving(9)
def test_an_answer_that_codepipeline_rejects_makes_lambda_retry_the_event(
    taken, following, item, jobs
):
    jobs.end(FIRST, item.digest, SUCCEEDED)
    with pytest.raises(JobUnanswered):
        taken(following, refused("ThrottlingException"))
    assert len(taken(following)[0]) == 1


def test_a_run_that_cannot_be_read_yet_makes_lambda_retry_the_event(taken, following):
    with pytest.raises(RunStatusOutdated):
        taken(following, status=None)


@pytest.mark.interleaving(48)
@pytest.mark.parametrize(
    "token",
    [Token(FIRST, "0" * 32, 2).text, "MY_TOKEN", "{}"],
    ids=["another secret", "another function's", "nothing"],
)
def test_a_token_from_another_action_fails_the_action(taken, item, raw, token):
    before = raw(FIRST)
    put, _ = taken(
        replace(NEW, id=SECOND, continuation_token=token), error=AssertionError("nothing is read")
    )
    job, kind, message = failure(put)
    assert (job, kind) == (SECOND, "ConfigurationError")
    assert "Retry the stage" in message
    assert raw(FIRST) == before


@pytest.mark.interleaving(48)
def test_a_token_for_a_missing_run_fails_the_action(taken, raw):
    token = Token(FIRST, "0" * 32, 2).text
    put, _ = taken(replace(NEW, id=SECOND, continuation_token=token))
    job, kind, message = failure(put)
    assert (job, kind) == (SECOND, "SystemUnavailable")
    assert "does not exist" in message
    assert raw(FIRST) is None


# --- any job ---

FORGED = {
    "no such job": ({"details": NoSuchJob()}, {}),
    "another account": ({}, {"account": "999988887777"}),
    "another function": (
        {
            "details": {
                "data": {"actionConfiguration": {"configuration": {"FunctionName": "other"}}}
            }
        },
        {},
    ),
}


@pytest.mark.interleaving(47)
@pytest.mark.parametrize("forged", FORGED.values(), ids=FORGED)
@pytest.mark.parametrize("is_first", [True, False])
@pytest.mark.parametrize("parameters", [ASKED, "{}"])
def test_a_forged_event_is_ignored(taken, following, raw, counted, forged, is_first, parameters):
    details, changed = forged
    job = replace(NEW if is_first else following, user_parameters=parameters, **changed)
    before = raw(FIRST)
    assert taken(job, error=AssertionError("nothing is read"), **details) == ([], [])
    assert raw(FIRST) == before
    assert counted() == ["JobsRefused"]


@pytest.mark.parametrize("is_first", [True, False])
def test_a_job_that_cannot_be_verified_yet_makes_lambda_retry_the_event(
    taken, following, raw, is_first
):
    before = raw(FIRST)
    with pytest.raises(ClientError):
        taken(NEW if is_first else following, details=refused("ThrottlingException"))
    assert raw(FIRST) == before


def test_the_handler_only_takes_jobs_for_its_own_function(dynamodb, raw, counted, monkeypatch):
    names = {"STATE_MACHINE_ARN": MACHINE, "CLOSE_JOB_FUNCTION": "close", "JOBS_TABLE": "Jobs"}
    for name, value in names.items():
        monkeypatch.setenv(name, value)
    configuration = {"FunctionName": "job-function", "UserParameters": ASKED}
    data = {"actionConfiguration": {"configuration": configuration}}
    codepipeline, stepfunctions = CodePipeline(details={"data": data}), Runs()
    monkeypatch.setattr(clients, "dynamodb", lambda: dynamodb)
    monkeypatch.setattr(clients, "codepipeline", lambda: codepipeline)
    monkeypatch.setattr(clients, "stepfunctions", lambda: stepfunctions)
    event = {"CodePipeline.job": {"id": FIRST, "accountId": ACCOUNT, "data": data}}

    for name in ("other", "job-function"):
        arn = f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:{name}"
        context: Any = SimpleNamespace(
            function_name=name,
            memory_limit_in_mb=256,
            invoked_function_arn=arn,
            aws_request_id="x",
        )
        assert codepipeline_job.handler(event, context) is None

    assert [each["name"] for each in stepfunctions.started] == [FIRST]
    assert counted() == ["JobsRefused"]
    assert raw(FIRST)["job"] == FIRST
