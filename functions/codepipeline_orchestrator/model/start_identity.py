"""The start identity: what makes a start the same start, however often it is attempted."""

from __future__ import annotations

import hashlib


def start_identity(
    *, run_arn: str, start_time: str, target_arn: str, client_request_token: str | None
) -> str:
    """A name for this start: 45 characters, letters, digits and hyphens.

    The same for every attempt of one run, and for every run that was given the same
    clientRequestToken for the same target. It serves as clientRequestToken of
    StartPipelineExecution (`^[a-zA-Z0-9-]+$`, at most 128) and as the role session's name (2 to
    64). The start time is part of it because a run's name is free again 90 days after it closed.
    """
    asked_by = (
        f"token {client_request_token}" if client_request_token else f"run {run_arn} {start_time}"
    )
    digest = hashlib.sha256(f"{asked_by}\n{target_arn}".encode()).hexdigest()
    return f"run-{digest[:41]}"
