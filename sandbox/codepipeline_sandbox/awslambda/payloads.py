"""The size limits for an invocation's payload.

https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
"""

from __future__ import annotations

from moto.awslambda.exceptions import LambdaClientError

SYNCHRONOUS_LIMIT = 6_291_456  # bytes
ASYNCHRONOUS_LIMIT = 1_048_576


class RequestTooLarge(LambdaClientError):  # type: ignore[misc]
    """Lambda's RequestTooLargeException, with HTTP status 413."""

    code = 413


def check_size(data: bytes, limit: int) -> None:
    """Raise RequestTooLarge if the payload has more bytes than the limit."""
    if len(data) > limit:
        raise RequestTooLarge(
            "RequestTooLargeException",
            f"Request must be smaller than {limit} bytes for the InvokeFunction operation",
        )
