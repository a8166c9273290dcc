"""Converts a run's input into the request that the states use."""

from __future__ import annotations

from datetime import datetime, timedelta

from codepipeline_orchestrator.input.fields import (
    DEFAULT_MINUTES,
    MOST_MINUTES_WITH_A_JOB,
    RunInput,
)
from codepipeline_orchestrator.model.documents import from_document, to_document
from codepipeline_orchestrator.model.request import Request


def request_of(run_input: RunInput, *, started_at: datetime, has_job: bool, hears: bool) -> Request:
    """Build the request. Its deadline is counted from the start of the run.

    Input fields are copied to the Request fields of the same name.
    """
    default = MOST_MINUTES_WITH_A_JOB if has_job else DEFAULT_MINUTES
    deadline = started_at + timedelta(minutes=run_input.timeout_minutes or default)
    document = run_input.to_document()
    if run_input.started_after == "run":
        document["startedAfter"] = to_document(started_at)
    ours = {
        "mode": run_input.mode,
        "wait": run_input.wait,
        "startedAt": to_document(started_at),
        "deadline": to_document(deadline),
        "hears": hears,
        "hasToken": run_input.client_request_token is not None,
        "hasJob": has_job,
    }
    return from_document(Request, {**document, **ours})
