import asyncio
import json
import socket
from email.message import Message

import pytest

from codepipeline_sandbox.faults import CallFault
from codepipeline_sandbox.http.clock import Clock
from codepipeline_sandbox.http.gateway import Gateway
from codepipeline_sandbox.http.messages import Request
from codepipeline_sandbox.http.server import Server
from tests.sandbox.faults.conftest import HERE, REGION

IDENTITY = "Action=GetCallerIdentity&Version=2011-06-15"
FORM = "application/x-www-form-urlencoded"


def request(method, target, service, body, kind, **headers):
    message = Message()
    message["Authorization"] = (
        f"AWS4-HMAC-SHA256 Credential=AKIA{HERE}ROOT/20260105/{REGION}/{service}/aws4_request, "
        "SignedHeaders=host, Signature=0"
    )
    message["Content-Type"] = kind
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    return Request(method, target, message, body.encode(), keep_alive=True)


def pipelines():
    target = "CodePipeline_20150709.ListPipelines"
    return request(
        "POST", "/", "codepipeline", "{}", "application/x-amz-json-1.1", X_Amz_Target=target
    )


def functions():
    return request("GET", "/2015-03-31/functions/", "lambda", "", "")


def identity():
    return request("POST", "/", "sts", IDENTITY, FORM)


@pytest.fixture
def gateway(cloud):
    return Gateway()


@pytest.mark.rule("F1", "F6")
@pytest.mark.parametrize(
    "kind, make, status, body",
    [
        ("throttled", pipelines, "400 Bad Request", b'{"__type": "ThrottlingException"'),
        ("throttled", functions, "429 Too Many Requests", b'{"__type": "TooManyRequestsExc'),
        ("throttled", identity, "400 Bad Request", b"<ErrorResponse><Error><Type>Sender</Type>"),
        ("unavailable", pipelines, "503 Service Unavailable", b'{"__type": "ServiceUnavailable"'),
        ("unavailable", identity, "503 Service Unavailable", b"<ErrorResponse><Error><Type>Rec"),
        ("denied", functions, "403 Forbidden", b'{"__type": "AccessDeniedException"'),
        ("denied", identity, "403 Forbidden", b"<ErrorResponse><Error><Type>Sender</Type>"),
    ],
)
def test_a_refusal_follows_the_services_protocol(cloud, gateway, kind, make, status, body):
    cloud.faults.add(CallFault(kind, times=1))

    refused, answered = gateway.answer(make()), gateway.answer(make())

    assert (refused.status, refused.body[: len(body)]) == (status, body)
    assert answered.status == "200 OK"


@pytest.mark.rule("F1")
def test_a_fault_determines_how_a_request_fails(cloud, gateway):
    cloud.faults.add(CallFault("refused", "sts:*", code="RequestExpired", status=403))
    cloud.faults.add(CallFault("unreachable", "codepipeline:*", seconds=5))

    refused, unreachable = gateway.answer(identity()), gateway.answer(pipelines())

    assert refused.status == "403 Forbidden"
    assert b"<Code>RequestExpired</Code>" in refused.body
    assert (unreachable.lost, unreachable.delay) == (True, 5)


@pytest.mark.rule("F7")
def test_a_fault_can_select_operation_account_and_region(cloud, gateway):
    cloud.faults.add(CallFault("slow", "codepipeline:ListPipelines", account=HERE, region=REGION))

    for one in (pipelines(), functions(), identity()):
        gateway.answer(one)

    assert [strike.what for strike in cloud.faults.log] == ["codepipeline:ListPipelines"]


@pytest.mark.rule("F7")
def test_presigned_requests_are_recognized_too(cloud, gateway):
    scope = f"AKIA{HERE}ROOT%2F20260105%2F{REGION}%2Fs3%2Faws4_request"
    asked = request("GET", f"/bucket?X-Amz-Credential={scope}", "s3", "", "")
    del asked.headers["Authorization"]
    cloud.faults.add(CallFault("unavailable", "s3:ListObjects", account=HERE))

    assert gateway.answer(asked).status == "503 Service Unavailable"


@pytest.mark.rule("F6")
def test_a_client_over_http_cannot_be_killed(cloud, gateway):
    cloud.faults.add(CallFault("killed-before"))

    assert gateway.answer(pipelines()).status == "200 OK"


@pytest.mark.rule("F2", "F3")
def test_lost_and_slow_answers_are_marked_for_the_server(cloud, gateway):
    cloud.faults.add(CallFault("slow", seconds=5), CallFault("lost", "codepipeline:*"))

    lost, slow = gateway.answer(pipelines()), gateway.answer(identity())

    assert (lost.lost, lost.delay) == (True, 0)
    assert (slow.lost, slow.delay) == (False, 5)
    assert json.loads(lost.body) == {"pipelines": []}


async def exchange(port, asked):
    """Return the response's status line, or b"" if the connection closes without a response."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = "".join(f"{name}: {value}\r\n" for name, value in asked.headers.items())
    length = f"Content-Length: {len(asked.body)}\r\n"
    writer.write(f"{asked.method} {asked.target} HTTP/1.1\r\n{head}{length}\r\n".encode())
    writer.write(asked.body)
    line = await reader.readline()
    writer.close()
    return line


@pytest.mark.rule("F2", "F3")
def test_a_lost_answer_closes_the_connection_and_a_slow_one_delays_no_other_client(cloud):
    cloud.faults.add(CallFault("slow", "sts:*", seconds=60), CallFault("lost", "lambda:*"))
    began, real = cloud.world.now, [0.0]
    clock, struck = Clock(cloud.world, speed=1, real=lambda: real[0]), asyncio.Event()
    server = Server(clock, lambda: struck.set() if cloud.faults.log else None)

    async def ask(listening):
        port = listening.getsockname()[1]
        slow = asyncio.create_task(exchange(port, identity()))
        await struck.wait()
        others = [await exchange(port, make()) for make in (pipelines, functions)]
        assert not slow.done()
        real[0] = 60.0  # the world's clock stands still up to this line
        return [await slow, *others]

    async def serve():
        with socket.create_server(("127.0.0.1", 0)) as listening:
            serving = asyncio.create_task(server.run(listening))
            answers = await ask(listening)
            server._stop()
            await serving
            return answers

    assert asyncio.run(serve()) == [b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\n", b""]
    assert cloud.world.now - began == 60
