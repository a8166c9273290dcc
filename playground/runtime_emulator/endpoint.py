"""An AWS endpoint on a loopback port, for functions that run as processes.

The thread that waits for a function also answers its calls. Greenlets and moto's state belong to
one thread, so nothing is served in the background.
"""

from __future__ import annotations

import io
import select
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from moto.moto_server.werkzeug_app import MotoRequestHandler
from werkzeug.serving import make_server

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterable
    from wsgiref.types import WSGIApplication


@dataclass(frozen=True)
class Call:
    """An AWS call that arrived on the port, with the HTTP status of the response."""

    operation: str
    status: int


class _RequestHandler(MotoRequestHandler):  # type: ignore[misc]
    # An idle connection is closed after this many seconds, so that a dead process cannot block
    # others.
    timeout = 10

    def log_request(self, *args: Any, **kwargs: Any) -> None:
        """Do nothing, because `Endpoint` records the calls."""


class Endpoint:
    """The server behind AWS_ENDPOINT_URL, for a WSGI application."""

    def __init__(self, application: WSGIApplication) -> None:
        self.calls: list[Call] = []
        self._application = application
        self._server = make_server("127.0.0.1", 0, self._answer, request_handler=_RequestHandler)
        self.url = f"http://127.0.0.1:{self._server.port}"

    def close(self) -> None:
        """Release the port."""
        self._server.server_close()

    def serve_until_readable(self, connection: socket.socket, *, seconds: float) -> None:
        """Answer AWS calls until the connection has something to read.

        Raises TimeoutError if nothing arrives in time.
        """
        listening, answered = self._server.fileno(), connection.fileno()
        deadline = time.monotonic() + seconds
        while True:
            remaining = max(0.0, deadline - time.monotonic())
            readable, _, _ = select.select([listening, answered], [], [], remaining)
            if not readable:
                raise TimeoutError
            if listening not in readable:
                return
            self._server.handle_request()

    def _answer(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        name = operation(environ)

        def record(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            self.calls.append(Call(name, int(status[:3])))
            return start_response(status, headers, *more)

        return self._application(environ, record)


def operation(environ: dict[str, Any]) -> str:
    """Read the name of the operation from a header (JSON protocols) or from the form (others)."""
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    environ["wsgi.input"] = io.BytesIO(body)  # makes the body readable again
    target: str | None = environ.get("HTTP_X_AMZ_TARGET")
    return target.rpartition(".")[2] if target else parse_qs(body.decode())["Action"][0]
