"""Replaces moto's EventBridge and Scheduler backends with ours."""

from __future__ import annotations

from moto.events.models import events_backends
from moto.scheduler.models import scheduler_backends

from sandbox.delivery.buses import BusPolicyResource, BusResource
from sandbox.delivery.resource import ScheduleResource
from sandbox.delivery.rule_resource import RuleResource
from sandbox.delivery.rules import EventsBackend
from sandbox.delivery.schedule_group import ScheduleGroupResource
from sandbox.delivery.schedules import SchedulerBackend


def install() -> None:
    """Make moto's EventBridge and Scheduler use our backends. Idempotent."""
    events_backends.backend = EventsBackend
    scheduler_backends.backend = SchedulerBackend
    BusResource.install()
    BusPolicyResource.install()
    RuleResource.install()
    ScheduleResource.install()
    ScheduleGroupResource.install()
