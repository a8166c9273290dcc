"""The fields of an input that the command line needs, whichever dialect the input is in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def pipeline_name(document: Mapping[str, Any]) -> str | None:
    """The name of the target pipeline: `pipelineName`, or the waiter's `targetname`."""
    return document.get("pipelineName") or document.get("targetname")


def role_arn(document: Mapping[str, Any]) -> str | None:
    """The role of the target: `roleArn`, or the waiter's `assumerolearn`. None if not given."""
    return document.get("roleArn") or document.get("assumerolearn")
