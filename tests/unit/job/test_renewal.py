from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from codepipeline_orchestrator.errors import JobsUnavailable, JobUnanswered
from codepipeline_orchestrator.job.renewal import Renewal, renew
from codepipeline_orchestrator.job.token import Token
from codepipeline_orchestrator.model.action_job import AGAIN, RENEWAL, ActionJob
from codepipeline_orchestrator.model.documents import to_document
from codepipeline_sandbox.faults import CallFault
from tests.function.runs import ID, START, STATE, TARGET, asked
from tests.unit.job.actions import (
    CONTEXT,
    FAILED,
    FIRST,
    RUN,
    SECOND,
    SUCCEEDED,
    Answers,
    NoSuchJob,
    NotOpen,
    refused,
)

NOW = START + timedelta(minutes=30)
SNAPSHOT = {
    "target": "deploy (account 222233334444, eu-west-1)",
    "pipelineExecutionId": ID,
    "status": "InProgress",
    "percent": 40,
}
IN_TWO_MINUTES = NOW + AGAIN


@pytest.fixture
def item(jobs):
    return jobs.open(FIRST, CONTEXT)


@pytest.fixture
def job(item):
    return ActionJob(item.digest, NOW)


@pytest.fixture
def renewed(jobs):
    def do(job, *refusals, statuses=("InProgress",), on_abort="leave", **payload):
        codepipeline: Any = Answers(list(refusals), statuses)
        event = {
            "run": RUN,
            "job": to_document(job),
            "target": to_document(TARGET),
            "request": to_document(asked(onAbort=on_abort).request),
            "execution": to_document(STATE.execution),
            "snapshot": SNAPSHOT,
            **payload,
        }
        return renew(event, jobs=jobs, codepipeline=codepipeline, now=NOW), codepipeline

    return do


def is_again(renewal, job):
    return renewal == Renewal(replace(job, renew_at=IN_TWO_MINUTES))


# --- the answer ---


def test_a_renewal_shows_the_target_and_sends_the_token_for_the_next_job(
    renewed, job, item, counted
):
    renewal, codepipeline = renewed(job)
    [(answered, reply)] = codepipeline.put
    assert answered == FIRST
    assert reply["continuationToken"] == Token(FIRST, item.secret, 2).text
    details = reply["executionDetails"]
    assert (details["externalExecutionId"], details["percentComplete"]) == (ID, 40)
    assert details["summary"].startswith("Waiting for deploy (account 222233334444, eu-west-1)")
    assert RUN in details["summary"]
    assert renewal == Renewal(
        replace(job, renew_at=NOW + RENEWAL, renewed=1, renewed_at=NOW), abandoned=False
    )
    assert counted() == ["JobsRenewed"]


def test_a_renewal_before_the_first_poll_shows_no_progress(renewed, job):
    _, codepipeline = renewed(job, snapshot=None)
    [(_, reply)] = codepipeline.put
    assert reply["executionDetails"]["summary"].startswith("Following deploy. Run: ")
    assert reply["executionDetails"]["externalExecutionId"] == FIRST


@pytest.mark.interleaving(13)
def test_the_newest_job_is_renewed(renewed, job, item, jobs):
    jobs.file(FIRST, SECOND, 7, item.secret, CONTEXT)
    renewal, codepipeline = renewed(replace(job, renewed=1, renewed_at=START))
    assert codepipeline.jobs == [SECOND]
    assert codepipeline.put[0][1]["continuationToken"] == Token(FIRST, item.secret, 8).text
    assert renewal.job.renewed == 7


@pytest.mark.interleaving(44)
@pytest.mark.parametrize("refusal", [[], [NotOpen()]])
def test_a_stored_answer_is_sent_and_the_run_continues_without_a_job(renewed, job, jobs, refusal):
    jobs.end(FIRST, job.digest, FAILED)
    renewal, codepipeline = renewed(job, *refusal)
    assert renewal == Renewal(None, abandoned=False)
    assert codepipeline.jobs == ([] if refusal else [FIRST])
    assert all(reply["failureDetails"]["message"] == "It failed." for _, reply in codepipeline.put)


@pytest.mark.interleaving(49)
@pytest.mark.parametrize("digest", ["0" * 64, ""])
def test_a_run_without_an_item_answers_no_job(renewed, job, digest, counted):
    renewal, codepipeline = renewed(replace(job, digest=digest))
    assert renewal == Renewal(None, abandoned=False)
    assert (codepipeline.put, codepipeline.asked, counted()) == ([], [], [])


def test_a_run_whose_item_was_deleted_answers_no_job(renewed):
    renewal, codepipeline = renewed(ActionJob("0" * 64, NOW))
    assert (renewal, codepipeline.put) == (Renewal(None), [])


# --- nothing to answer ---


@pytest.mark.interleaving(11, 12)
@pytest.mark.parametrize("ago, asks", [(0, False), (299, False), (300, True), (3_600, True)])
def test_the_next_job_counts_as_missing_after_five_minutes(renewed, job, ago, asks, counted):
    waits = replace(job, renewed=1, renewed_at=NOW - timedelta(seconds=ago))
    renewal, codepipeline = renewed(waits)
    assert is_again(renewal, waits)
    assert (codepipeline.put, bool(codepipeline.asked), counted()) == ([], asks, [])


@pytest.mark.interleaving(11, 12)
@pytest.mark.parametrize("error", [NotOpen(), NoSuchJob()])
def test_a_closed_job_changes_nothing_while_its_action_is_in_progress(renewed, job, error, counted):
    renewal, codepipeline = renewed(job, error, on_abort="stop")
    assert is_again(renewal, job)
    assert (len(codepipeline.asked), counted()) == (1, [])


@pytest.mark.parametrize("code", ["AccessDeniedException", "ThrottlingException"])
def test_an_unreadable_action_counts_as_in_progress(renewed, job, code):
    renewal, _ = renewed(job, NotOpen(), statuses=refused(code), on_abort="stop")
    assert is_again(renewal, job)


# --- an abandoned action ---


@pytest.mark.parametrize("on_abort", ["leave", "stop", "abandon"])
def test_an_action_that_has_ended_leaves_the_run_without_a_job(renewed, job, on_abort):
    ended = {"statuses": ["Abandoned"], "on_abort": on_abort}
    assert renewed(job, NotOpen(), **ended)[0] == Renewal(None, abandoned=True)
    missed = replace(job, renewed=1, renewed_at=NOW - timedelta(minutes=5))
    assert renewed(missed, **ended)[0] == Renewal(None, abandoned=True)


@pytest.mark.interleaving(28)
@pytest.mark.parametrize(
    "on_abort, execution, ago, asks",
    [
        ("leave", STATE.execution, 600, False),
        ("stop", STATE.execution, 600, True),
        ("abandon", STATE.execution, 600, True),
        ("leave", None, 600, True),
        ("stop", STATE.execution, 599, False),
        ("leave", None, 599, False),
        ("stop", None, None, False),
    ],
)
def test_a_renewal_checks_the_action_if_on_abort_or_a_start_depends_on_it(
    renewed, job, item, jobs, on_abort, execution, ago, asks
):
    # CodePipeline accepts a new job although the action was abandoned.
    jobs.file(FIRST, SECOND, 2, item.secret, CONTEXT)
    known = {} if ago is None else {"renewed": 1, "renewed_at": NOW - timedelta(seconds=ago)}
    renewal, codepipeline = renewed(
        replace(job, **known),
        statuses=["Abandoned"],
        on_abort=on_abort,
        execution=to_document(execution),
    )
    assert renewal.abandoned is asks
    assert (renewal.job is None) is asks
    assert (codepipeline.jobs, len(codepipeline.asked)) == ([SECOND], int(asks))


def test_an_unavailable_table_is_read_again_later(cloud, renewed, job):
    cloud.faults.add(CallFault("unavailable", "dynamodb:*", callers="everybody"))
    with pytest.raises(JobsUnavailable):
        renewed(job)


@pytest.mark.interleaving(9, 10)
@pytest.mark.parametrize(
    "error",
    [refused("ThrottlingException"), EndpointConnectionError(endpoint_url="https://codepipeline")],
)
def test_an_answer_that_codepipeline_rejects_is_sent_again_later(renewed, job, error):
    with pytest.raises(JobUnanswered):
        renewed(job, error)
    renewal, codepipeline = renewed(job)
    assert (codepipeline.jobs, renewal.job.renewed) == ([FIRST], 1)


def test_an_action_that_has_an_answer_gets_no_other(renewed, job, jobs):
    jobs.end(FIRST, job.digest, SUCCEEDED)
    _, codepipeline = renewed(job, refused("ValidationException"))
    [(_, reply)] = codepipeline.put
    assert reply["outputVariables"] == {}
