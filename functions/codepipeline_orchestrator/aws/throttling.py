"""Counts throttled calls in CloudWatch, including those that the SDK retries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from codepipeline_orchestrator.telemetry import count

if TYPE_CHECKING:
    from botocore.session import Session

CODES = frozenset(
    {
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "TooManyRequestsException",
    }
)


def count_in(session: Session) -> None:
    """Make the session's clients count each attempt that AWS throttles.

    A caller sees only the last attempt. The SDK emits its "needs-retry" event after every attempt.
    A handler that returns nothing does not affect the retry.
    """
    session.register("needs-retry", _count)


def _count(**asked: Any) -> None:
    if asked["response"] is None:  # a network error
        return
    code = asked["response"][1].get("Error", {}).get("Code")
    if code in CODES:
        operation = asked["operation"]
        call = f"{operation.service_model.service_name}:{operation.name}"
        count("CallsThrottled", call=call, error=code)
