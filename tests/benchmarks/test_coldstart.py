from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import boto3
import pytest

from benchmarks.coldstart.bare import bare
from benchmarks.coldstart.cases import HOT, Case, cases
from benchmarks.coldstart.figures import is_good, rows, table, write
from benchmarks.coldstart.recording import Delivery, Exchange
from benchmarks.coldstart.starting import Start
from benchmarks.coldstart.stories import deliveries
from benchmarks.coldstart.stub import Stub

FUNCTIONS = Path(__file__).parents[2] / "functions"
EXCHANGE = Exchange(
    service="codepipeline",
    region="eu-west-1",
    operation="PutJobSuccessResult",
    parameters={"jobId": "1"},
    status=200,
    headers={"Content-Type": "application/x-amz-json-1.1"},
    body=b"{}",
)
CASE = Case("get_state", Delivery("get_state.handler", Path(), {}, {}, [EXCHANGE]), HOT)


def starts(*first):
    return [Start(first_ms=each, init_ms=each / 2, cpu_ms=each, peak_mb=50) for each in first]


def asked(stub, operation):
    statuses = []
    body = {"wsgi.input": io.BytesIO(), "HTTP_X_AMZ_TARGET": f"CodePipeline_20150709.{operation}"}
    answer = stub(body, lambda status, _headers: statuses.append(status))
    return statuses[0], b"".join(answer)


def test_the_median_of_a_function_is_compared_with_the_median_of_its_baseline():
    baseline, ours = rows([(CASE, starts(90, 120, 600), starts(100, 80, 900))])

    assert (baseline.function, baseline.first_ms) == ("baseline", 100)
    assert (ours.function, ours.first_ms, ours.baseline_ms) == ("get_state", 120, 100)
    assert ours.times_baseline == pytest.approx(1.2)
    assert ours.calls == ["codepipeline:PutJobSuccessResult"]


@pytest.mark.parametrize("first, good", [(125, True), (126, False)])
def test_a_missed_limit_is_reported(first, good):
    found = rows([(CASE, starts(first), starts(100))])

    assert is_good(found) is good
    assert ("MISSED" in table(found)) is not good


def test_the_result_has_an_object_for_each_function(tmp_path):
    write(rows([(CASE, starts(110), starts(100))]), tmp_path / "coldstart.json")

    written = json.loads((tmp_path / "coldstart.json").read_text("utf-8"))
    assert [each["function"] for each in written] == ["baseline", "get_state"]
    assert {"first_ms", "init_ms", "peak_mb"} <= written[0].keys()


def test_the_stub_answers_each_expected_call_once():
    stub = Stub()
    stub.expect([EXCHANGE])

    assert stub.missed == ["PutJobSuccessResult"]
    assert asked(stub, "PutJobSuccessResult") == ("200 OK", b"{}")
    assert stub.missed == []
    assert asked(stub, "PutJobSuccessResult")[0] == "404 Not Found"


def test_the_bare_handler_makes_the_requested_calls(monkeypatch):
    made: list[Any] = []

    class Client:
        def __init__(self, service, **options):
            made.append((service, options))

        def assume_role(self, **parameters):
            made.append(parameters)
            words = {"AccessKeyId": "key", "SecretAccessKey": "secret", "SessionToken": "token"}
            return {"Credentials": words}

        def put_job_success_result(self, **parameters):
            made.append(parameters)
            return {}

    monkeypatch.setattr(boto3, "client", Client)
    role = {"service": "sts", "region": "r", "method": "assume_role", "parameters": {"RoleArn": 1}}
    bare.handler({"calls": [role, EXCHANGE.call()]}, None)

    session = {
        "aws_access_key_id": "key",
        "aws_secret_access_key": "secret",
        "aws_session_token": "token",
    }
    assert made == [
        ("sts", {"region_name": "r"}),
        {"RoleArn": 1},
        ("codepipeline", {"region_name": "eu-west-1", **session}),
        {"jobId": "1"},
    ]


def test_every_function_is_measured_with_the_calls_that_it_makes():
    found = {case.name: case for case in cases(deliveries())}

    called = {
        name: [each.operation for each in case.delivery.exchanges] for name, case in found.items()
    }
    assert called["wake"] == ["UpdateItem", "SendTaskSuccess"]
    assert called["get_state"] == ["AssumeRole", "GetPipelineExecution"]
    assert called["report_job_result_renewal"] == ["GetItem", "PutJobSuccessResult"]
    assert called["report_job_result"][0] == "UpdateItem"
    assert {*called["codepipeline_job_next"]} == {
        "GetJobDetails",
        "UpdateItem",
        "DescribeExecution",
    }
    assert found["wake"].limit == HOT
    assert {Path(case.delivery.handler).stem for case in found.values()} == {
        each.stem for each in FUNCTIONS.glob("*.py")
    }
