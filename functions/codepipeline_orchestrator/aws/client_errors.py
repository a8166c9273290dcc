"""The errors that AWS answers with, whichever service they come from."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from botocore.exceptions import ClientError

_DENIED = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"}


def is_denied(error: ClientError) -> bool:
    """Whether the caller lacks a permission."""
    return error.response["Error"]["Code"] in _DENIED


def answer_text(error: ClientError) -> str:
    """AWS's answer as `Code: message`, without a period at the end."""
    answer = error.response["Error"]
    return f"{answer['Code']}: {answer.get('Message', '')}".rstrip(". :")
