"""AWS::Scheduler::ScheduleGroup as a stack resource, which moto does not support."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, Self

from moto.scheduler.exceptions import ScheduleNotFound
from moto.scheduler.models import scheduler_backends

from codepipeline_sandbox.kernel.stack_resource import StackResource

TYPE = "AWS::Scheduler::ScheduleGroup"
PROPERTIES = frozenset({"Name"})


class ScheduleGroupResource(StackResource):
    """A group of schedules as a resource in a stack."""

    resource_type = TYPE
    backends = scheduler_backends
    name_property = "Name"
    maximum_name = 64
    attributes = frozenset({"Arn"})

    @classmethod
    def create(cls, backend: Any, name: str, properties: dict[str, Any]) -> Self:
        """Create the group, whose only property is its name."""
        del properties
        return cls(name, Arn=backend.create_schedule_group(name, []).arn)

    def update(self, backend: Any, properties: dict[str, Any]) -> None:
        """Do nothing, because no property of a group can change."""

    def delete_from(self, backend: Any) -> None:
        """Delete the group and the schedules that it still contains."""
        group = backend.schedule_groups[self.physical_resource_id]
        for name in list(group.schedules):
            # The schedule may be gone because it has fired for the last time.
            with suppress(ScheduleNotFound):
                backend.delete_schedule(group.name, name)
        backend.delete_schedule_group(group.name)
