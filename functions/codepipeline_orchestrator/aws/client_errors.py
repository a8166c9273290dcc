"""The errors that AWS answers with, whichever service they come from."""

from __future__ import annotations

from botocore.exceptions import BotoCoreError, ClientError

# NotAuthorized is among the errors common to all services, UnauthorizedOperation is EC2's.
DENIED_CODES = frozenset(
    {"AccessDenied", "AccessDeniedException", "NotAuthorized", "UnauthorizedOperation"}
)


def is_denied(error: ClientError) -> bool:
    """Whether the caller lacks a permission."""
    return code_of(error) in DENIED_CODES


def code_of(error: ClientError | BotoCoreError) -> str:
    """The code of AWS's answer; empty without an answer, or without a code."""
    if not isinstance(error, ClientError):
        return ""
    return error.response.get("Error", {}).get("Code", "")


def answer_text(error: ClientError) -> str:
    """AWS's answer as `Code: message`, without a period at the end."""
    message = error.response.get("Error", {}).get("Message", "")
    return f"{code_of(error)}: {message}".strip(". :") or "an error without a code"
