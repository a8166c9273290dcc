"""Which job a run holds from the start, and tokens that fit."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from codepipeline_orchestrator import clock
from codepipeline_orchestrator.job.job import Job
from codepipeline_orchestrator.job.lease import HeldJob, hand_over
from codepipeline_orchestrator.job.token import plain_token, token_with_task

AT = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


def test_a_job_that_was_left_open_is_held_and_due_at_once():
    job = {"id": "job-1", "action": "digest", "held": True}
    assert HeldJob.at_the_start(job, AT) == HeldJob("job-1", "digest", AT)


@pytest.mark.parametrize("more", [{}, {"held": False}, {"held": 1}])
def test_a_job_that_was_answered_is_not_held(more):
    assert HeldJob.at_the_start({"id": "job-1", "action": "digest", **more}, AT) is None


@pytest.mark.parametrize("more, fits", [(0, True), (1, False)])
def test_a_token_is_within_codepipelines_limit_or_not_written(more, fits):
    bare = token_with_task(run="r", action="a", task="", at=AT)
    assert bare is not None
    task = "t" * (2_048 - len(bare) + more)
    assert (token_with_task(run="r", action="a", task=task, at=AT) is not None) is fits


class Waiting:
    """Step Functions with a run that waits for its next job, or does not any more."""

    def __init__(self, error=None):
        self.error = error
        self.told = None

    def send_task_success(self, **told):
        if self.error:
            raise self.error
        self.told = told


def handed(monkeypatch, *, after=0, lease=60, error=None, task="t"):
    """Whether the run took the job, and what it was told."""
    job = Job("job-2", "111122223333", "f", None, None)
    token = token_with_task(run="job-1", action=job.action, task=task, at=AT)
    plain = plain_token(run="job-1", action=job.action)
    job = Job("job-2", "111122223333", "f", None, token if task else plain)
    monkeypatch.setattr(clock, "_source", (AT + timedelta(seconds=after)).timestamp)
    run: Any = Waiting(error)
    return hand_over(job, lease=timedelta(seconds=lease), stepfunctions=run), run.told


@pytest.mark.parametrize("after", [0, 299.9])
def test_a_run_that_waits_takes_the_next_job(monkeypatch, after):
    taken, told = handed(monkeypatch, after=after)
    assert taken is True
    assert told is not None
    assert told["taskToken"] == "t"
    assert '"renewAt": "2026-01-05T09:01:00+00:00"' in told["output"]


@pytest.mark.parametrize(
    "case",
    [
        {"task": None},
        {"lease": 0},
        {"after": 300},
        {"error": ClientError({"Error": {"Code": "TaskTimedOut"}}, "SendTaskSuccess")},
    ],
    ids=["a plain token", "no lease", "too late", "refused"],
)
def test_a_job_that_no_run_takes_is_answered_by_who_has_it(monkeypatch, case):
    assert handed(monkeypatch, **case) == (False, None)
