from __future__ import annotations

import json
from typing import Any

import botocore.session
import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError

from codepipeline_orchestrator.aws.throttling import count_in

CODES = [
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "TooManyRequestsException",
]


def refused(code):
    return 400, f'{{"__type": "{code}", "message": "no"}}'.encode()


BUSY = refused("ThrottlingException")
DENIED = refused("AccessDeniedException")
GOOD = (200, b'{"status": "RUNNING"}')


class Raw:
    def __init__(self, body):
        self.body = body

    def stream(self, **_):
        yield self.body


@pytest.fixture
def describe(monkeypatch):
    monkeypatch.setattr("time.sleep", lambda _seconds: None)

    def call(*answers):
        left = list(answers)

        def answer(request, **_):
            if isinstance(left[0], Exception):
                raise left.pop(0)
            status, body = left.pop(0)
            return AWSResponse(request.url, status, HTTPHeaders(), Raw(body))

        session = botocore.session.get_session()
        count_in(session)
        client: Any = session.create_client(
            "stepfunctions",
            region_name="eu-west-1",
            aws_access_key_id="id",
            aws_secret_access_key="canary",
            config=Config(retries={"mode": "standard", "total_max_attempts": 3}),
        )
        client.meta.events.register("before-send", answer)
        return client.describe_execution(executionArn="arn:aws:states:eu-west-1:1:execution:a:b")

    return call


def lines(capsys):
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_each_throttled_attempt_counts_even_if_the_call_succeeds(capsys, describe):
    assert describe(BUSY, BUSY, GOOD)["status"] == "RUNNING"
    written = lines(capsys)
    assert [line["CallsThrottled"] for line in written] == [[1.0], [1.0]]
    assert {(line["call"], line["error"]) for line in written} == {
        ("stepfunctions:DescribeExecution", "ThrottlingException")
    }


@pytest.mark.parametrize("answer", [GOOD, DENIED])
def test_other_errors_are_not_counted(capsys, describe, answer):
    if answer is GOOD:
        describe(answer)
    else:
        with pytest.raises(ClientError):
            describe(answer)
    assert lines(capsys) == []


@pytest.mark.parametrize("code", CODES)
def test_every_throttling_code_of_aws_is_known(capsys, describe, code):
    describe(refused(code), GOOD)
    assert [line["error"] for line in lines(capsys)] == [code]


def test_a_call_without_a_response_is_not_counted_as_throttled(capsys, describe):
    assert describe(ConnectionClosedError(endpoint_url="x"), GOOD)["status"] == "RUNNING"
    assert lines(capsys) == []
