"""The server as it is used: a process of its own, the AWS CLI, boto3, several clients at once."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

# One server for all of these tests.
pytestmark = pytest.mark.xdist_group("server")

ROOT = Path(__file__).parents[3]
SPEED = 2_000  # the world's 5 minutes take a blink
LONGEST = 120  # seconds, on a machine that is busy with something else


@dataclass(frozen=True)
class Served:
    """A running server, and what it printed."""

    process: subprocess.Popen[str]
    introduction: str
    port: int

    def client(self, service: str, account: str = "111122223333") -> Any:
        return boto3.client(
            service,  # type: ignore[call-overload] # any service
            endpoint_url=f"http://127.0.0.1:{self.port}",
            region_name="eu-west-1",
            aws_access_key_id=f"AKIA{account}ROOT",
            aws_secret_access_key="administrator",
        )

    def commands(self, start: str) -> list[str]:
        return re.findall(f"^{start}.*", self.introduction, re.MULTILINE)


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    process = subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-m", "sandbox.server", "--port", "0", "--speed", str(SPEED)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    with process:
        assert process.stdout is not None
        lines: list[str] = []
        while not lines or not lines[-1].startswith("aws stepfunctions list-executions"):
            line = process.stdout.readline()
            assert line, f"the server ended: {''.join(lines)}"
            lines.append(line)
        introduction = "".join(lines)
        port = re.search(r"http://127\.0\.0\.1:(\d+)", introduction)
        assert port
        yield Served(process, introduction, int(port[1]))
        process.terminate()
        rest, _ = process.communicate()
    assert process.returncode == 0, rest
    assert "Traceback" not in rest
    assert rest.endswith("The sandbox has ended; nothing of it is left.\n")


def until(expected: set[str], look: Any) -> str:
    latest = time.monotonic() + LONGEST
    while time.monotonic() < latest:
        status = str(look())
        if status in expected:
            return status
    raise AssertionError(f"still {status}")


def run(served: Served, script: str) -> str:
    """What a shell says to commands as they were printed."""
    settings = "\n".join([*served.commands("export"), *served.commands("unset")])
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(  # noqa: S603 - commands of our own program
        ["/bin/bash", "-euc", f"{settings}\n{script}"],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": path, "HOME": "/nonexistent"},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_printed_command_works_as_printed(served: Served) -> None:
    codepipeline = served.client("codepipeline")
    start, state, retry, *_ = served.commands("aws codepipeline")

    def release() -> str:
        executions = codepipeline.list_pipeline_executions(pipelineName="release")
        return str(executions["pipelineExecutionSummaries"][0]["status"])

    started = run(served, start)
    assert until({"Failed", "Succeeded"}, release) == "Failed"
    failed = run(served, f"{state}\n{retry}")
    assert until({"Failed", "Succeeded"}, release) == "Succeeded"
    rest = [*served.commands("aws codepipeline")[3:], *served.commands("AWS_")]
    run_started = [*served.commands("RUN="), *served.commands("aws stepfunctions")]
    looked = run(served, "\n".join([*rest, *run_started]))

    assert '"pipelineExecutionId"' in started
    assert "failed in stage Migrate, action Migrate: JobFailed: the migration 0042" in failed
    assert '"durationSeconds"' in looked
    assert "assumed-role/codepipeline-orchestrator-target" in looked
    assert '"input": "{\\"pipelineName\\": \\"MyFirstPipeline\\"}"' in looked
    assert '"executions": [' in looked


def test_a_run_started_over_http_ends_with_its_result(served: Served) -> None:
    stepfunctions = served.client("stepfunctions")
    machine = stepfunctions.list_state_machines()["stateMachines"][0]["stateMachineArn"]

    run = stepfunctions.start_execution(
        stateMachineArn=machine, input='{"pipelineName": "MyFirstPipeline"}'
    )["executionArn"]
    look = stepfunctions.describe_execution

    assert until({"SUCCEEDED", "FAILED"}, lambda: look(executionArn=run)["status"]) == "SUCCEEDED"
    assert '"outcome":"Succeeded"' in look(executionArn=run)["output"]


def test_several_clients_are_answered_at_once(served: Served) -> None:
    def pipelines(account: str) -> list[str]:
        listed = served.client("codepipeline", account).list_pipelines()["pipelines"]
        return sorted(pipeline["name"] for pipeline in listed)

    accounts = ["111122223333", "222233334444", "333344445555"] * 4
    with ThreadPoolExecutor(max_workers=len(accounts)) as pool:
        answers = list(pool.map(pipelines, accounts))

    assert answers == [["MyFirstPipeline", "release"], ["web"], ["database"]] * 4


def test_a_silent_client_holds_up_nobody(served: Served) -> None:
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

    assert answer["FunctionError"] == "Unhandled"  # an empty event is nobody's
    assert served.client("sts").get_caller_identity()["Account"] == "111122223333"


def test_what_is_not_http_is_told_so(served: Served) -> None:
    with socket.create_connection(("127.0.0.1", served.port), timeout=5) as connection:
        connection.sendall(b"hello\r\n\r\n")
        answer = connection.makefile("rb").read()

    assert answer.startswith(b"HTTP/1.1 400 Bad Request\r\n")


def test_what_happens_is_printed(served: Served) -> None:
    codepipeline = served.client("codepipeline", "222233334444")
    assert served.process.stdout is not None

    codepipeline.start_pipeline_execution(name="web")
    told = iter(served.process.stdout.readline, "")

    assert any(
        re.fullmatch(r"\d\d:\d\d:\d\d  222233334444  web +Source/Checkout started\n", line)
        for line in told
    )


def test_a_port_in_use_is_told_in_a_sentence(served: Served) -> None:
    second = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-m", "sandbox.server", "--port", str(served.port)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert second.returncode == 1
    assert second.stderr == (
        f"Port {served.port} of 127.0.0.1 is in use. Is another sandbox running? Choose another "
        "port with --port; 0 takes any that is free.\n"
    )
