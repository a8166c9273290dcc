from __future__ import annotations

import time
from types import SimpleNamespace

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

import close_job
from codepipeline_orchestrator.errors import JobUnanswered


@pytest.fixture
def pauses(monkeypatch):
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
def test_a_failed_call_is_repeated_while_time_remains(monkeypatch, pauses, error):
    monkeypatch.setattr(close_job, "_close", lambda _: refuse())

    def refuse():
        raise error

    with pytest.raises(type(error)):
        close_job.handler({}, context(pauses, 300))
    assert pauses == [20] * 13


def test_once_a_job_is_answered_there_are_no_more_attempts(monkeypatch, pauses):
    answers = iter([JobUnanswered("throttled"), JobUnanswered("throttled"), None])

    def answer(_event):
        if (error := next(answers)) is not None:
            raise error

    monkeypatch.setattr(close_job, "_close", answer)
    close_job.handler({}, context(pauses, 300))
    assert pauses == [20, 20]


def test_an_error_that_retries_cannot_fix_is_raised_immediately(monkeypatch, pauses):
    def fail(_event):
        raise KeyError("detail")

    monkeypatch.setattr(close_job, "_close", fail)
    with pytest.raises(KeyError):
        close_job.handler({}, context(pauses, 300))
    assert pauses == []
