"""The start identity, which stays the same across all attempts to start the target."""

from __future__ import annotations

import hashlib


def start_identity(
    *, run_arn: str, start_time: str, target_arn: str, client_request_token: str | None
) -> str:
    """A name for this start: 45 letters, digits and hyphens.

    All attempts of a run share the name, as do all runs with the same clientRequestToken and
    target. It is the clientRequestToken of StartPipelineExecution (`^[a-zA-Z0-9-]+$`, at most 128
    characters) and the name of the role session (2 to 64 characters).

    The name depends on the run's start time, because a run's name can be reused after 90 days.
    """
    asked_by = (
        f"token {client_request_token}" if client_request_token else f"run {run_arn} {start_time}"
    )
    digest = hashlib.sha256(f"{asked_by}\n{target_arn}".encode()).hexdigest()
    return f"run-{digest[:41]}"
