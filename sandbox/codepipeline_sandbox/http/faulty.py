"""Applies the cloud's faults to requests that arrive over HTTP."""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING

from codepipeline_sandbox.faults import Faults, answers
from codepipeline_sandbox.faults.attempts import Attempt, Signature, attempt
from codepipeline_sandbox.http.messages import Response
from codepipeline_sandbox.kernel import here

if TYPE_CHECKING:
    from collections.abc import Callable

    from codepipeline_sandbox.faults.calls import Calls, Verdict
    from codepipeline_sandbox.http.asked import Asked


def answer(what: Asked, proceed: Callable[[], Response]) -> Response:
    """Return the response of `proceed`, unless a fault refuses, delays or drops it."""
    calls = _calls()
    if not calls.armed or (one := _attempt(what)) is None:
        return proceed()
    verdict = calls.verdict(one)
    response = _refused(one, verdict, what) if verdict.refusal else proceed()
    lost = verdict.ending == "lost" or verdict.refusal == "unreachable"
    delay = verdict.patience if lost else verdict.slowness
    return replace(response, delay=delay, lost=lost)


def _calls() -> Calls:
    faults = here.current().faults
    assert isinstance(faults, Faults)
    return faults.calls


def _attempt(what: Asked) -> Attempt | None:
    """The requested operation, or None if it cannot be determined."""
    if what.operation is None or what.key is None or what.service is None:
        return None
    signature = Signature(what.key, what.region or "", what.service)
    access, name = here.current().access, str(what.operation.name)
    return attempt(access, what.service, name, signature, by_client=True)


def _refused(one: Attempt, verdict: Verdict, what: Asked) -> Response:
    assert verdict.refusal is not None
    refusal = answers.refusal(verdict.refusal, one, what.request, verdict.request_id, verdict.error)
    status = f"{refusal.status} {HTTPStatus(refusal.status).phrase}"
    return Response(status, list(refusal.headers.items()), refusal.body.encode())
