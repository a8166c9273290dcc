"""Applies the cloud's faults to requests that arrive over HTTP."""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING

from moto.core import request as moto_request
from moto.core.routing import get_service_router
from werkzeug.exceptions import NotFound

from sandbox import here
from sandbox.faults import Faults, answers, names
from sandbox.faults.attempts import Attempt, attempt, signature_of
from sandbox.server.messages import Response

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.faults.calls import Calls, Verdict
    from sandbox.server.messages import Request


def answer(request: Request, proceed: Callable[[], Response]) -> Response:
    """Return the response from `proceed`, unless a fault changes or replaces it."""
    calls = _calls()
    if not calls.armed:
        return proceed()
    asked = moto_request.Request.from_primitives(
        request.method, f"http://localhost{request.target}", request.headers, request.body
    )
    if (one := _attempt(request, asked)) is None:
        return proceed()
    verdict = calls.verdict(one)
    response = _refused(one, verdict, asked) if verdict.refusal else proceed()
    lost = verdict.ending == "lost" or verdict.refusal == "unreachable"
    delay = verdict.patience if lost else verdict.slowness
    return replace(response, delay=delay, lost=lost)


def _calls() -> Calls:
    faults = here.current().faults
    assert isinstance(faults, Faults)
    return faults.calls


def _attempt(request: Request, asked: moto_request.Request) -> Attempt | None:
    """The requested operation, or None if it cannot be determined."""
    signature = signature_of(request.headers.get("Authorization"), request.target)
    if signature is None or signature.service not in names.services():
        return None
    try:
        operation, _ = get_service_router(signature.service).match(asked)
    except NotFound:
        return None
    access, name = here.current().access, str(operation.name)
    return attempt(access, signature.service, name, signature, by_client=True)


def _refused(one: Attempt, verdict: Verdict, asked: moto_request.Request) -> Response:
    assert verdict.refusal is not None
    refusal = answers.refusal(verdict.refusal, one, asked, verdict.request_id, verdict.error)
    status = f"{refusal.status} {HTTPStatus(refusal.status).phrase}"
    return Response(status, list(refusal.headers.items()), refusal.body.encode())
