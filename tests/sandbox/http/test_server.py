"""The running server, used with the AWS CLI, boto3 and functions."""

from __future__ import annotations

import re
import socket
import subprocess
import sys

import pytest

from tests.sandbox.http.served import ROOT, Served, until

# All tests in the group share one server.
pytestmark = pytest.mark.xdist_group("server")


def test_a_run_started_over_http_ends_with_its_result(served: Served) -> None:
    stepfunctions = served.client("stepfunctions")
    machine = stepfunctions.list_state_machines()["stateMachines"][0]["stateMachineArn"]

    run = stepfunctions.start_execution(
        stateMachineArn=machine, input='{"pipelineName": "MyFirstPipeline"}'
    )["executionArn"]
    look = stepfunctions.describe_execution

    assert until({"SUCCEEDED", "FAILED"}, lambda: look(executionArn=run)["status"]) == "SUCCEEDED"
    assert '"outcome":"Succeeded"' in look(executionArn=run)["output"]


def test_a_silent_client_delays_no_other_client(served: Served) -> None:
    silent = socket.create_connection(("127.0.0.1", served.port), timeout=5)
    slow = socket.create_connection(("127.0.0.1", served.port), timeout=5)
    with silent, slow:
        slow.sendall(b"POST / HTTP/1.1\r\nContent-Length: 1000\r\n\r\nnot all of it")

        identity = served.client("sts").get_caller_identity()

    assert identity["Account"] == "111122223333"


def test_a_function_can_be_invoked_and_waited_for(served: Served) -> None:
    functions = served.client("lambda")
    name = functions.list_functions()["Functions"][0]["FunctionName"]

    answer = functions.invoke(FunctionName=name, Payload=b"{}")

    assert answer["FunctionError"] == "Unhandled"  # the function cannot handle an empty event
    assert served.client("sts").get_caller_identity()["Account"] == "111122223333"


def test_a_request_that_is_not_http_is_refused(served: Served) -> None:
    with socket.create_connection(("127.0.0.1", served.port), timeout=5) as connection:
        connection.sendall(b"hello\r\n\r\n")
        answer = connection.makefile("rb").read()

    assert answer.startswith(b"HTTP/1.1 400 Bad Request\r\n")


def test_events_are_printed_as_they_happen(served: Served) -> None:
    codepipeline = served.client("codepipeline", "222233334444")
    assert served.process.stdout is not None

    codepipeline.start_pipeline_execution(name="web")
    printed = iter(served.process.stdout.readline, "")

    assert any(
        re.fullmatch(r"\d\d:\d\d:\d\d  222233334444  web +Source/Checkout started\n", line)
        for line in printed
    )


def test_a_port_in_use_is_reported_in_a_sentence(served: Served) -> None:
    second = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-m", "playground.server", "--port", str(served.port)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert second.returncode == 1
    assert second.stderr == (
        f"Port {served.port} on 127.0.0.1 is in use. Is another sandbox running? To use any free "
        'port: make sandbox ARGS="--port 0"\n'
    )
