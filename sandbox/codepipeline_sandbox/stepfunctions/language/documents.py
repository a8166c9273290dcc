"""JSON documents as Step Functions passes them: compact, and at most 256 KiB."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from codepipeline_sandbox.stepfunctions.language.errors import data_limit_exceeded

MAXIMUM_BYTES = 262_144
RESULT, PARAMETERS = "returned a result", "provided parameters"  # in AWS's message


def to_json(value: Any) -> str:
    """Serialize the value as the history and the API show it."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def limited_json(value: Any, what: str, document: str = RESULT) -> str:
    """Serialize the value.

    Raises States.DataLimitExceeded if it is too large for a state or task.
    """
    text = to_json(value)
    if len(text.encode()) > MAXIMUM_BYTES:
        raise data_limit_exceeded(what, document)
    return text


def timestamp(moment: datetime) -> str:
    """Format a time as the context object does: 2026-01-05T09:00:00.000Z."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
