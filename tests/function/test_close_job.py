"""close_job's patience: nobody comes after it."""

from __future__ import annotations

import time
from types import SimpleNamespace

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

import close_job
from codepipeline_orchestrator.errors import JobUnanswered


@pytest.fixture
def pauses(monkeypatch):
    """How long the function paused; each takes that much of the time that it may run."""
    made: list[float] = []
    monkeypatch.setattr(time, "sleep", made.append)
    return made


def context(pauses, seconds):
    def left():
        return int((seconds - sum(pauses)) * 1_000)

    names = ("function_name", "memory_limit_in_mb", "invoked_function_arn", "aws_request_id")
    return SimpleNamespace(get_remaining_time_in_millis=left, **dict.fromkeys(names, "x"))


@pytest.mark.parametrize(
    "error",
    [
        JobUnanswered("throttled"),
        ClientError({"Error": {"Code": "SomethingNew"}}, "DescribeExecution"),
        EndpointConnectionError(endpoint_url="https://states.eu-west-1.amazonaws.com/"),
    ],
)
def test_what_aws_does_not_do_is_tried_again_while_there_is_time(monkeypatch, pauses, error):
    monkeypatch.setattr(close_job, "_close", lambda _: refuse())

    def refuse():
        raise error

    with pytest.raises(type(error)):
        close_job.handler({}, context(pauses, 300))
    assert pauses == [20] * 13


def test_a_job_that_is_answered_at_last_is_left_alone(monkeypatch, pauses):
    answers = iter([JobUnanswered("throttled"), JobUnanswered("throttled"), None])

    def answer(_event):
        if (error := next(answers)) is not None:
            raise error

    monkeypatch.setattr(close_job, "_close", answer)
    close_job.handler({}, context(pauses, 300))
    assert pauses == [20, 20]


def test_what_no_patience_mends_is_raised_at_once(monkeypatch, pauses):
    def fail(_event):
        raise KeyError("detail")

    monkeypatch.setattr(close_job, "_close", fail)
    with pytest.raises(KeyError):
        close_job.handler({}, context(pauses, 300))
    assert pauses == []
