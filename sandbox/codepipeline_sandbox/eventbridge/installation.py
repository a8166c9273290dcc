"""Replaces moto's EventBridge backend with ours."""

from __future__ import annotations

from moto.events.models import events_backends

from codepipeline_sandbox.eventbridge.buses import BusPolicyResource, BusResource
from codepipeline_sandbox.eventbridge.rule_resource import RuleResource
from codepipeline_sandbox.eventbridge.rules import EventsBackend


def install() -> None:
    """Make moto's EventBridge use our backend. Idempotent."""
    events_backends.backend = EventsBackend
    BusResource.install()
    BusPolicyResource.install()
    RuleResource.install()
