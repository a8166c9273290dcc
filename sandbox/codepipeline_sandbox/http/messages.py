"""Reads and writes HTTP/1.1 messages. Supports only what the AWS CLI and SDKs use."""

from __future__ import annotations

from asyncio import IncompleteReadError, LimitOverrunError
from dataclasses import dataclass
from http.client import HTTPException, parse_headers
from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from asyncio import StreamReader, StreamWriter
    from email.message import Message

LONGEST_HEAD = 64 * 1024  # bytes
LONGEST_BODY = 64 * 1024 * 1024  # bytes; function packages are the largest bodies


class BadRequest(Exception):
    """The input is not a valid request, and the connection must be closed."""

    def __init__(self, status: str, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class Request:
    """A complete request."""

    method: str
    target: str  # path and query string, as sent
    headers: Message
    body: bytes
    keep_alive: bool


@dataclass(frozen=True)
class Response:
    """A response to send."""

    status: str  # for example 200 OK
    headers: list[tuple[str, str]]
    body: bytes
    delay: float = 0.0  # Seconds of world time until the response is sent.
    lost: bool = False  # Whether to close the connection instead of sending the response.

    def encoded(self, *, with_body: bool, keep_alive: bool) -> bytes:
        """The response as bytes."""
        named = [pair for pair in self.headers if pair[0].lower() not in _OURS]
        if not with_body:  # HEAD: keep the Content-Length of the body that is not sent
            named += [pair for pair in self.headers if pair[0].lower() == "content-length"]
        else:
            named.append(("Content-Length", str(len(self.body))))
        named.append(("Connection", "keep-alive" if keep_alive else "close"))
        head = "".join(f"{name}: {value}\r\n" for name, value in named)
        text = f"HTTP/1.1 {self.status}\r\n{head}\r\n".encode("latin-1", "replace")
        return text + (self.body if with_body else b"")


_OURS = {"content-length", "connection"}


async def read(reader: StreamReader, writer: StreamWriter) -> Request | None:
    """Return the next request, or None if the client closed the connection. Raises BadRequest."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except IncompleteReadError:
        return None
    except LimitOverrunError as error:
        raise BadRequest("431 Request Header Fields Too Large", str(error)) from error
    method, target, version, headers = _parsed(head)
    length = _length(headers)
    if headers.get("Expect", "").lower() == "100-continue":
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    try:
        body = await reader.readexactly(length)
    except IncompleteReadError:
        return None
    closes = headers.get("Connection", "").lower() == "close" or version != "HTTP/1.1"
    return Request(method, target, headers, body, keep_alive=not closes)


def _parsed(head: bytes) -> tuple[str, str, str, Message]:
    line, _, rest = head.partition(b"\r\n")
    try:
        method, target, version = line.decode("ascii").split(" ")
        headers = parse_headers(BytesIO(rest))
    except (ValueError, HTTPException) as error:
        raise BadRequest("400 Bad Request", f"not an HTTP request: {line!r}") from error
    if not version.startswith("HTTP/1.") or not target.startswith("/"):
        raise BadRequest("400 Bad Request", f"not an HTTP/1.1 request to a server: {line!r}")
    return method, target, version, headers


def _length(headers: Message) -> int:
    if "Transfer-Encoding" in headers:
        raise BadRequest("411 Length Required", "the sandbox does not support chunked bodies")
    text = headers.get("Content-Length", "0")
    if not (text.isascii() and text.isdigit()):
        raise BadRequest("400 Bad Request", f"the Content-Length {text!r} is not a number")
    if int(text) > LONGEST_BODY:
        raise BadRequest("413 Content Too Large", f"the body is longer than {LONGEST_BODY} bytes")
    return int(text)
