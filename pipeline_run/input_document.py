"""Read the fields that the CLI needs from an input in any dialect."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_ROLE = re.compile(r"arn:[a-z-]+:iam::[0-9]+:role/")


def pipeline_name(document: Mapping[str, Any]) -> str | None:
    """The name of the target pipeline: `pipelineName`, or the waiter's `targetname`."""
    return _text(document.get("pipelineName") or document.get("targetname"))


def role_arn(document: Mapping[str, Any]) -> str | None:
    """The target role: `roleArn`, or the waiter's `assumerolearn`. None if it is not a role."""
    role = _text(document.get("roleArn") or document.get("assumerolearn"))
    return role if role and _ROLE.match(role) else None


def _text(value: Any) -> str | None:
    """The value if it is text. Anyone who may start a run can choose any input."""
    return value if isinstance(value, str) else None
