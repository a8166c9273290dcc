"""Replaces the parts of moto's CloudFormation that differ from AWS's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.cloudformation import parsing

from codepipeline_sandbox.cloudformation import models
from codepipeline_sandbox.cloudformation.resources import (
    bucket_policy,
    log_group,
    permission,
    role,
    topic_policy,
)

if TYPE_CHECKING:
    from codepipeline_sandbox.kernel.patches import Patches

_clean = parsing.clean_json


def install(patches: Patches) -> None:
    """Fix moto's CloudFormation where it differs from AWS's."""
    patches.attribute(parsing, "clean_json", _without_no_values)
    models.install(patches)
    role.install(patches)
    bucket_policy.install(patches)
    log_group.install(patches)
    permission.install(patches)
    topic_policy.install(patches)


def _without_no_values(resource_json: Any, resources_map: Any) -> Any:
    """Resolve references as moto does, and also remove AWS::NoValue from lists."""
    resolved = _clean(resource_json, resources_map)
    if isinstance(resource_json, list):
        return [value for value in resolved if value is not None]
    return resolved
