from __future__ import annotations

import json
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

import report_job_result
from codepipeline_orchestrator.aws import clients
from codepipeline_orchestrator.errors import JobsUnavailable, JobUnanswered
from codepipeline_orchestrator.job.answer import from_result
from codepipeline_orchestrator.model.documents import from_document, to_document
from codepipeline_orchestrator.result.document import Result
from codepipeline_sandbox.faults import CallFault
from tests.function.runs import ID, START, STATE, TARGET, moment
from tests.unit.job.actions import (
    CONTEXT,
    FAILED,
    FIRST,
    RUN,
    SECOND,
    Answers,
    NotOpen,
    refused,
)

NAMES = ("function_name", "memory_limit_in_mb", "invoked_function_arn", "aws_request_id")
CONTEXT_OF_LAMBDA: Any = SimpleNamespace(**dict.fromkeys(NAMES, "x"))


@pytest.fixture
def item(jobs):
    return jobs.open(FIRST, CONTEXT)


@pytest.fixture
def ended(dynamodb, at, monkeypatch):
    def do(digest, *refusals, state="ReportJobResult", **payload):
        codepipeline = Answers(list(refusals))
        monkeypatch.setenv("JOBS_TABLE", "Jobs")
        monkeypatch.setattr(clients, "dynamodb", lambda: dynamodb)
        monkeypatch.setattr(clients, "codepipeline", lambda: codepipeline)
        job = {"digest": digest, "renewAt": START.isoformat()}
        event = {
            "run": RUN,
            "state": state,
            "startTime": START.isoformat(),
            "job": None if digest is None else job,
            "target": to_document(TARGET),
            "request": to_document(STATE.request),
            "execution": to_document(STATE.execution),
            "memory": None,
            "pollAt": moment(900).isoformat(),
            "report": {"outcome": "Succeeded", "status": "Succeeded"},
            **payload,
        }
        given = json.loads(json.dumps(event))
        return report_job_result.handler(given, CONTEXT_OF_LAMBDA), codepipeline

    return do


def test_the_newest_job_gets_the_outcome(ended, item, jobs):
    jobs.file(FIRST, SECOND, 2, item.secret, CONTEXT)
    made, codepipeline = ended(item.digest)
    [(job, reply)] = codepipeline.put
    assert (job, reply["executionDetails"]["externalExecutionId"]) == (SECOND, ID)
    assert reply["outputVariables"] == made["result"]["outputVariables"]
    assert jobs.read(FIRST).answer == from_result(from_document(Result, made["result"]), run=FIRST)
    assert made["succeeded"] is True


@pytest.mark.interleaving(16)
def test_a_repeated_report_gives_the_same_answer(ended, item):
    first, codepipeline = ended(item.digest)
    again, later = ended(item.digest)
    assert again == first
    assert later.put == codepipeline.put


@pytest.mark.interleaving(44)
def test_a_stored_answer_applies_to_the_job_and_not_to_the_run(ended, item, jobs):
    jobs.end(FIRST, item.digest, FAILED)
    made, codepipeline = ended(item.digest)
    [(_, reply)] = codepipeline.put
    assert reply["failureDetails"]["message"] == "It failed."
    assert made["succeeded"] is True


@pytest.mark.interleaving(30)
def test_a_job_that_is_already_closed_is_not_an_error(ended, item):
    made, codepipeline = ended(item.digest, NotOpen())
    assert (made["succeeded"], codepipeline.put) == (True, [])


@pytest.mark.interleaving(49)
@pytest.mark.parametrize("is_there", [True, False])
def test_a_run_started_manually_answers_no_job_and_ends_normally(ended, jobs, raw, is_there):
    if is_there:
        jobs.open(FIRST, CONTEXT)
    before = raw(FIRST)
    made, codepipeline = ended("0" * 64)
    assert (made["succeeded"], codepipeline.put) == (True, [])
    assert raw(FIRST) == before


def test_a_run_without_a_job_does_not_need_the_table(cloud, ended):
    cloud.faults.add(CallFault("denied", "dynamodb:*", callers="everybody"))
    made, codepipeline = ended(None)
    assert (made["succeeded"], codepipeline.put) == (True, [])


@pytest.mark.interleaving(50)
def test_variables_that_codepipeline_refuses_remain_in_the_result(ended, item, jobs):
    made, codepipeline = ended(item.digest, refused("ValidationException"))
    [(_, reply)] = codepipeline.put
    assert reply["outputVariables"] == {}
    assert made["result"]["outputVariables"]["outcome"] == "Succeeded"
    assert jobs.read(FIRST).answer.output_variables["outcome"] == "Succeeded"


@pytest.mark.interleaving(24, 41)
def test_an_end_that_cannot_be_reported_is_an_error_and_is_not_counted(cloud, ended, item, counted):
    with pytest.raises(JobUnanswered):
        ended(item.digest, refused("ThrottlingException"))
    cloud.faults.add(CallFault("throttled", "dynamodb:*", callers="everybody"))
    with pytest.raises(JobsUnavailable):
        ended(item.digest)
    assert "RunsEnded" not in counted()


def test_a_failure_ends_the_run_with_its_error(ended, item):
    made, codepipeline = ended(item.digest, report={"outcome": "Failed", "status": "Failed"})
    assert (made["succeeded"], made["error"], made["result"]) == (False, "PipelineFailed", None)
    [(_, reply)] = codepipeline.put
    assert reply["failureDetails"]["type"] == "JobFailed"


def test_a_confirmation_returns_the_job(ended, item, raw, counted):
    made, codepipeline = ended(item.digest, state="ConfirmAction", redrives=0)
    confirmed_at = (START + timedelta(seconds=60)).isoformat()
    job = {"digest": item.digest, "renewAt": START.isoformat(), "confirmedAt": confirmed_at}
    assert made == {"changes": {"job": job, "abandoned": False}}
    assert raw(FIRST)["begun"] is True
    assert (codepipeline.put, counted()) == ([], [])


@pytest.mark.parametrize("state, redrives", [("ConfirmAction", 0), ("RenewJob", None)])
def test_a_run_that_continues_without_a_job_gets_no_job(ended, item, jobs, state, redrives):
    jobs.end(FIRST, item.digest, FAILED)
    made, _ = ended(item.digest, state=state, redrives=redrives)
    assert made["changes"]["job"] is None
    assert made["changes"]["abandoned"] is (state == "ConfirmAction")


def test_a_renewal_returns_the_job(ended, item):
    made, codepipeline = ended(item.digest, state="RenewJob")
    now = START + timedelta(seconds=60)
    assert codepipeline.jobs == [FIRST]
    due = (now + timedelta(minutes=10)).isoformat()
    assert made["changes"] == {
        "job": {"digest": item.digest, "renewAt": due, "renewed": 1, "renewedAt": now.isoformat()},
        "abandoned": False,
        "pollAt": due,
    }


@pytest.mark.parametrize("seconds", [120, 900])
def test_a_run_wakes_for_its_next_poll_or_renewal_whichever_comes_first(ended, item, seconds):
    made, _ = ended(item.digest, state="RenewJob", pollAt=moment(seconds).isoformat())
    assert made["changes"]["pollAt"] == moment(min(seconds, 660)).isoformat()
