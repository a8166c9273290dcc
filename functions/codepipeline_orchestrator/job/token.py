"""Continuation tokens: what a run leaves with CodePipeline, to be found again by the next job."""

from __future__ import annotations

import json
from datetime import datetime

LONGEST_TOKEN = 2_048  # characters; a limit of the CodePipeline API (ContinuationToken)


def plain_token(*, run: str, action: str) -> str:
    """A token that names the run, and the action that it belongs to (`Job.action`)."""
    return _written({"run": run, "action": action})


def token_with_task(*, run: str, action: str, task: str, at: datetime) -> str | None:
    """A token that also says which task of the run waits for the next job, and since when.

    None if it would be longer than CodePipeline allows.
    """
    token = _written({"run": run, "action": action, "task": task, "at": at.isoformat()})
    return token if len(token) <= LONGEST_TOKEN else None


def _written(document: dict[str, str]) -> str:
    return json.dumps(document, separators=(",", ":"))
