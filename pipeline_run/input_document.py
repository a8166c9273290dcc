"""Read the fields that the CLI needs from an input in any dialect."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def pipeline_name(document: Mapping[str, Any]) -> str | None:
    """The name of the target pipeline: `pipelineName`, or the waiter's `targetname`."""
    return document.get("pipelineName") or document.get("targetname")


def role_arn(document: Mapping[str, Any]) -> str | None:
    """The target role: `roleArn`, or the waiter's `assumerolearn`. None if not given."""
    return document.get("roleArn") or document.get("assumerolearn")
