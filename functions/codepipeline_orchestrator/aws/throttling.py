"""Tells CloudWatch when AWS throttles what the functions ask, although the SDK asks again."""

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
    """Let each client that the session makes count that AWS throttles an attempt of a call.

    The SDK hides all but the last. It asks its "needs-retry" event after each attempt; nothing
    returned means no opinion.
    """
    session.register("needs-retry", _count)


def _count(**asked: Any) -> None:
    if asked["response"] is None:  # there was none: the network
        return
    code = asked["response"][1].get("Error", {}).get("Code")
    if code in CODES:
        operation = asked["operation"]
        call = f"{operation.service_model.service_name}:{operation.name}"
        count("CallsThrottled", call=call, error=code)
