"""Reads the error codes and messages of AWS services."""

from __future__ import annotations

from botocore.exceptions import BotoCoreError, ClientError

# NotAuthorized is one of the errors common to all services. UnauthorizedOperation is specific to
# EC2.
DENIED_CODES = frozenset(
    {"AccessDenied", "AccessDeniedException", "NotAuthorized", "UnauthorizedOperation"}
)


def is_denied(error: ClientError) -> bool:
    """Whether the error means that the caller lacks a permission."""
    return code_of(error) in DENIED_CODES


def code_of(error: ClientError | BotoCoreError) -> str:
    """The error code in AWS's response. Empty if there is no response or no code."""
    if not isinstance(error, ClientError):
        return ""
    return error.response.get("Error", {}).get("Code", "")


def answer_text(error: ClientError) -> str:
    """AWS's error as `Code: message`, without a period at the end."""
    message = error.response.get("Error", {}).get("Message", "")
    return f"{code_of(error)}: {message}".strip(". :") or "no code and no message"
