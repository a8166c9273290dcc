"""DynamoDB errors that moto does not define."""

from __future__ import annotations

from moto.core.exceptions import JsonRESTError

_PREFIX = "com.amazonaws.dynamodb.v20120810#"


class ValidationException(JsonRESTError):  # type: ignore[misc]
    """DynamoDB refuses the request, and clients do not retry it."""

    def __init__(self, message: str) -> None:
        super().__init__(f"{_PREFIX}ValidationException", message)


class Unsupported(ValidationException):
    """DynamoDB supports this request, but the sandbox does not."""

    def __init__(self, what: str) -> None:
        super().__init__(f"The sandbox does not support {what}")


class KeyAccessDenied(JsonRESTError):  # type: ignore[misc]
    """The caller may not use the key that encrypts the table."""

    def __init__(self, reason: str) -> None:
        super().__init__("com.amazon.coral.service#AccessDeniedException", reason)
