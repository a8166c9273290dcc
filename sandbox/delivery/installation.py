"""Putting our backends in the place of moto's."""

from __future__ import annotations

from moto.events.models import events_backends
from moto.scheduler.models import scheduler_backends

from sandbox.delivery import resource, schedule_group
from sandbox.delivery.rules import EventsBackend
from sandbox.delivery.schedules import SchedulerBackend


def install() -> None:
    """Let moto's EventBridge and Scheduler make our backends. Idempotent."""
    events_backends.backend = EventsBackend
    scheduler_backends.backend = SchedulerBackend
    resource.install()
    schedule_group.install()
