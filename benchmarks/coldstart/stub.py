"""A stub of AWS that repeats the responses recorded in the sandbox."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from playground.runtime_emulator.endpoint import operation

if TYPE_CHECKING:
    from benchmarks.coldstart.recording import Exchange


class Stub:
    """A WSGI application that responds to the calls passed to `expect`."""

    def __init__(self) -> None:
        self._expected: list[Exchange] = []

    def expect(self, exchanges: Sequence[Exchange]) -> None:
        """From now on, respond to each of these calls once and to no others."""
        self._expected = list(exchanges)

    @property
    def missed(self) -> list[str]:
        """List the expected operations that were not called."""
        return [each.operation for each in self._expected]

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Respond to an expected call. Any other call gets a 404, which SDKs do not retry."""
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
