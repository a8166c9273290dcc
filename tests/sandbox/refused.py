"""The error code of a call that AWS does not carry out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError


def error_code(call: Callable[..., Any], **parameters: Any) -> str:
    """The code of the error that this call is answered with. The test fails if there is none."""
    with pytest.raises(ClientError) as caught:
        call(**parameters)
    return str(caught.value.response["Error"]["Code"])
