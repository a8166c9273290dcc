"""AWS as a stub: answers each call of a delivery as it was answered in the sandbox."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from sandbox.emulation.endpoint import operation

if TYPE_CHECKING:
    from benchmarks.coldstart.recording import Exchange


class Stub:
    """A WSGI application; `expect` tells what comes next."""

    def __init__(self) -> None:
        self._expected: list[Exchange] = []

    def expect(self, exchanges: Sequence[Exchange]) -> None:
        """Answer these calls from now on, each once."""
        self._expected = list(exchanges)

    @property
    def missed(self) -> list[str]:
        """The operations that were expected and have not come."""
        return [each.operation for each in self._expected]

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer a call, or say that it was not expected: 404, which no SDK tries again."""
        name = operation(environ)
        for each in self._expected:
            if each.operation == name:
                self._expected.remove(each)
                start_response(
                    f"{each.status} {HTTPStatus(each.status).phrase}", [*each.headers.items()]
                )
                return [each.body]
        start_response("404 Not Found", [("Content-Type", "text/plain")])
        return [f"{name} was not expected".encode()]
