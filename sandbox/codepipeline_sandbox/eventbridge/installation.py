"""Replaces moto's EventBridge backend with ours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from moto.events.models import events_backends

from codepipeline_sandbox.eventbridge.buses import BusPolicyResource, BusResource
from codepipeline_sandbox.eventbridge.rule_resource import RuleResource
from codepipeline_sandbox.eventbridge.rules import EventsBackend

if TYPE_CHECKING:
    from codepipeline_sandbox.kernel.patches import Patches


def install(patches: Patches) -> None:
    """Make moto's EventBridge use our backend."""
    patches.attribute(events_backends, "backend", EventsBackend)
    BusResource.install(patches)
    BusPolicyResource.install(patches)
    RuleResource.install(patches)
