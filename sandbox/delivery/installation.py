"""Replaces moto's EventBridge backend with ours."""

from __future__ import annotations

from moto.events.models import events_backends

from sandbox.delivery.buses import BusPolicyResource, BusResource
from sandbox.delivery.rule_resource import RuleResource
from sandbox.delivery.rules import EventsBackend


def install() -> None:
    """Make moto's EventBridge use our backend. Idempotent."""
    events_backends.backend = EventsBackend
    BusResource.install()
    BusPolicyResource.install()
    RuleResource.install()
