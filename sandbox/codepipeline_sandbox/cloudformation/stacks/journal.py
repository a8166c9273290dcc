"""The events of a stack and its resources, as DescribeStackEvents shows them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from moto.core.utils import utcnow

if TYPE_CHECKING:
    from datetime import datetime

STACK = "AWS::CloudFormation::Stack"


class Subject(NamedTuple):
    """The stack or the resource that an event is about."""

    logical_id: str
    kind: str
    physical_id: str = ""


@dataclass(frozen=True)
class Event:
    """A status change of a stack or of one of its resources."""

    event_id: str
    stack_id: str
    stack_name: str
    logical_resource_id: str
    physical_resource_id: str
    resource_type: str
    resource_status: str
    resource_status_reason: str | None
    timestamp: datetime


class Journal:
    """The events of one stack, oldest first."""

    def __init__(self, stack_id: str, stack_name: str) -> None:
        self._stack_id = stack_id
        self._stack_name = stack_name
        self.events: list[Event] = []
        self.resources: dict[str, Event] = {}  # the latest event of each resource

    def stack(self, status: str, reason: str | None = None) -> datetime:
        """Record a new status of the stack, and return the time of the event."""
        return self._add(Subject(self._stack_name, STACK, self._stack_id), status, reason).timestamp

    def resource(self, subject: Subject, status: str, reason: str | None = None) -> None:
        """Record a new status of a resource."""
        self.resources[subject.logical_id] = self._add(subject, status, reason)

    def _add(self, subject: Subject, status: str, reason: str | None) -> Event:
        event = Event(
            event_id=f"{subject.logical_id}-{status}-{len(self.events)}",
            stack_id=self._stack_id,
            stack_name=self._stack_name,
            logical_resource_id=subject.logical_id,
            physical_resource_id=subject.physical_id,
            resource_type=subject.kind,
            resource_status=status,
            resource_status_reason=reason,
            timestamp=utcnow(),
        )
        self.events.append(event)
        return event
