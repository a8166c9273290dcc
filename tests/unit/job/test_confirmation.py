from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from codepipeline_orchestrator.errors import InvalidInput, JobsUnavailable
from codepipeline_orchestrator.job.confirmation import confirm
from codepipeline_orchestrator.job.renewal import Renewal
from codepipeline_orchestrator.job.table import Refused
from codepipeline_orchestrator.model.action_job import ActionJob
from codepipeline_orchestrator.model.documents import to_document
from codepipeline_sandbox.faults import CallFault
from tests.function.runs import START
from tests.unit.job.actions import CONTEXT, FAILED, FIRST, RUN, SECOND, Answers, NotOpen, refused

NOW = START + timedelta(minutes=3)


@pytest.fixture
def item(jobs):
    return jobs.open(FIRST, CONTEXT)


@pytest.fixture
def job(item):
    return ActionJob(item.digest, START)


@pytest.fixture
def confirmed(jobs):
    def do(job, *refusals, redrives=0, statuses=("InProgress",)):
        codepipeline: Any = Answers(list(refusals), statuses)
        event = {"run": RUN, "redrives": redrives, "job": to_document(job)}
        return confirm(event, jobs=jobs, codepipeline=codepipeline, now=NOW), codepipeline

    return do


@pytest.mark.interleaving(43)
def test_a_confirmed_run_cannot_be_closed_as_never_started(confirmed, job, jobs):
    renewal, codepipeline = confirmed(job)
    assert renewal == Renewal(replace(job, confirmed_at=NOW))
    assert (codepipeline.put, codepipeline.asked) == ([], [])
    with pytest.raises(Refused):
        jobs.end_unbegun(FIRST, FIRST, FAILED)


def test_a_second_confirmation_also_succeeds(confirmed, job):
    assert confirmed(job) == confirmed(job)


AGAIN = [{"confirmed": True}, {"redrives": 1}]


@pytest.mark.interleaving(28)
@pytest.mark.parametrize("again", AGAIN, ids=["a run that has waited", "a run that was redriven"])
@pytest.mark.parametrize(
    "statuses, is_over",
    [
        (["InProgress"], False),
        (["Abandoned"], True),
        (refused("AccessDeniedException"), False),
        (refused("ThrottlingException"), False),
    ],
    ids=["in progress", "abandoned", "denied", "throttled"],
)
def test_a_later_confirmation_checks_whether_the_action_is_still_in_progress(
    confirmed, job, again, statuses, is_over
):
    known = replace(job, confirmed_at=START) if again.get("confirmed") else job
    renewal, codepipeline = confirmed(known, redrives=again.get("redrives", 0), statuses=statuses)
    expected = Renewal(None, abandoned=True) if is_over else None
    assert renewal == (expected or Renewal(replace(known, confirmed_at=NOW)))
    assert len(codepipeline.asked) == 1


@pytest.mark.interleaving(43)
@pytest.mark.parametrize("confirmed_at", [None, START])
@pytest.mark.parametrize("refusals", [[], [NotOpen()]])
def test_an_action_with_a_stored_answer_gets_it_and_nothing_starts(
    confirmed, job, jobs, confirmed_at, refusals
):
    jobs.end_unbegun(FIRST, FIRST, FAILED)
    renewal, codepipeline = confirmed(replace(job, confirmed_at=confirmed_at), *refusals)
    assert renewal == Renewal(None, abandoned=True)
    assert codepipeline.jobs == ([] if refusals else [FIRST])


@pytest.mark.interleaving(44)
@pytest.mark.parametrize("refusals", [[], [NotOpen()]])
def test_a_redriven_run_sends_the_stored_answer_and_continues_without_a_job(
    confirmed, item, job, jobs, refusals
):
    jobs.file(FIRST, SECOND, 2, item.secret, CONTEXT)
    jobs.end(FIRST, item.digest, FAILED)
    renewal, codepipeline = confirmed(job, *refusals, redrives=1)
    assert renewal == Renewal(None, abandoned=False)
    assert codepipeline.jobs == ([] if refusals else [SECOND])


@pytest.mark.interleaving(49)
@pytest.mark.parametrize("redrives", [0, 1])
@pytest.mark.parametrize("is_there", [True, False])
def test_a_run_started_manually_with_the_name_of_a_job_is_refused(
    confirmed, jobs, raw, redrives, is_there
):
    if is_there:
        jobs.end(FIRST, jobs.open(FIRST, CONTEXT).digest, FAILED)
    before = raw(FIRST)
    with pytest.raises(InvalidInput, match="reserved for the CodePipelineJob function"):
        confirmed(ActionJob("0" * 64, START), redrives=redrives)
    assert raw(FIRST) == before


def test_without_the_table_nothing_is_confirmed(cloud, confirmed, job):
    cloud.faults.add(CallFault("throttled", "dynamodb:*", callers="everybody"))
    with pytest.raises(JobsUnavailable):
        confirmed(job)
