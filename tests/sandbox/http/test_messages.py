from __future__ import annotations

import asyncio
from unittest.mock import Mock

import pytest

from codepipeline_sandbox.http.messages import (
    LONGEST_BODY,
    LONGEST_HEAD,
    BadRequest,
    Request,
    Response,
    read,
)


def arrived(*parts: bytes, writer: Mock | None = None) -> Request | None:
    async def feed() -> Request | None:
        reader = asyncio.StreamReader(limit=LONGEST_HEAD)
        for part in parts:
            reader.feed_data(part)
        reader.feed_eof()
        return await read(reader, writer or Mock())

    return asyncio.run(feed())


def test_a_request_can_arrive_in_any_number_of_parts() -> None:
    request = arrived(
        b"POST /a?b=c HTTP/1.1\r\nHos", b"t: x\r\nContent-Length: 5\r\n\r\nhe", b"llo"
    )

    assert request is not None
    assert (request.method, request.target, request.body) == ("POST", "/a?b=c", b"hello")
    assert request.headers["Host"] == "x"
    assert request.keep_alive


@pytest.mark.parametrize(
    "head", [b"GET / HTTP/1.0\r\n", b"GET / HTTP/1.1\r\nConnection: close\r\n"]
)
def test_a_client_can_ask_to_close_the_connection(head: bytes) -> None:
    request = arrived(head, b"\r\n")

    assert request is not None
    assert not request.keep_alive


@pytest.mark.parametrize(
    "sent", [b"", b"GET / HT", b"POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhel"]
)
def test_an_incomplete_request_is_ignored(sent: bytes) -> None:
    assert arrived(sent) is None


@pytest.mark.parametrize(
    "sent, status",
    [
        (b"hello\r\n\r\n", 400),
        (b"GET http://elsewhere/ HTTP/1.1\r\n\r\n", 400),
        (b"GET / SPDY/3\r\n\r\n", 400),
        (b"\xff / HTTP/1.1\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", 411),
        (b"POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % (LONGEST_BODY + 1), 413),
        (b"GET / HTTP/1.1\r\nA: " + b"a" * LONGEST_HEAD + b"\r\n\r\n", 431),
    ],
)
def test_an_invalid_request_is_refused(sent: bytes, status: int) -> None:
    with pytest.raises(BadRequest) as refused:
        arrived(sent)

    assert refused.value.status.startswith(f"{status} ")


def test_a_client_that_expects_100_continue_gets_it() -> None:
    writer = Mock()

    arrived(b"PUT / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nhi", writer=writer)

    writer.write.assert_called_once_with(b"HTTP/1.1 100 Continue\r\n\r\n")


def test_a_response_states_its_length_and_whether_the_connection_stays_open() -> None:
    response = Response("200 OK", [("Content-Length", "7"), ("A", "b")], b"hello")

    sent = response.encoded(with_body=True, keep_alive=True)
    to_head = response.encoded(with_body=False, keep_alive=False)

    assert sent == (
        b"HTTP/1.1 200 OK\r\nA: b\r\nContent-Length: 5\r\nConnection: keep-alive\r\n\r\nhello"
    )
    assert to_head == b"HTTP/1.1 200 OK\r\nA: b\r\nContent-Length: 7\r\nConnection: close\r\n\r\n"
