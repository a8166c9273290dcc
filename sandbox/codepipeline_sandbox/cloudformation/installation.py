"""Replaces the parts of moto's CloudFormation that differ from AWS's."""

from __future__ import annotations

from typing import Any

from moto.cloudformation import parsing

from codepipeline_sandbox.cloudformation import models
from codepipeline_sandbox.cloudformation.resources import (
    bucket_policy,
    log_group,
    permission,
    role,
    topic_policy,
)

_clean = parsing.clean_json


def install() -> None:
    """Install the replacements. Calling this more than once has no further effect."""
    parsing.clean_json = _without_no_values
    models.install()
    role.install()
    bucket_policy.install()
    log_group.install()
    permission.install()
    topic_policy.install()


def _without_no_values(resource_json: Any, resources_map: Any) -> Any:
    """Resolve references as moto does, and also remove AWS::NoValue from lists."""
    resolved = _clean(resource_json, resources_map)
    if isinstance(resource_json, list):
        return [value for value in resolved if value is not None]
    return resolved
