"""AWS::Scheduler::Schedule as a stack resource, which moto does not support."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from typing import Any, Self

from moto.scheduler.exceptions import ScheduleGroupNotFound
from moto.scheduler.models import scheduler_backends

from codepipeline_sandbox.kernel.stack_resource import StackResource

TYPE = "AWS::Scheduler::Schedule"
PROPERTIES = frozenset(
    {
        "Description",
        "EndDate",
        "FlexibleTimeWindow",
        "GroupName",
        "Name",
        "ScheduleExpression",
        "ScheduleExpressionTimezone",
        "StartDate",
        "State",
        "Target",
    }
)


class ScheduleResource(StackResource):
    """A schedule as a resource in a stack."""

    resource_type = TYPE
    backends = scheduler_backends
    name_property = "Name"
    maximum_name = 64
    attributes = frozenset({"Arn"})

    def __init__(self, schedule: Any) -> None:
        super().__init__(schedule.name, Arn=schedule.arn)
        self._group_name = schedule.group_name

    @classmethod
    def create(cls, backend: Any, name: str, properties: dict[str, Any]) -> Self:
        """Create the schedule."""
        settings = _settings(properties)
        return cls(backend.create_schedule(name=name, action_after_completion=None, **settings))

    def update(self, backend: Any, properties: dict[str, Any]) -> None:
        """Replace the schedule's settings."""
        backend.update_schedule(name=self.physical_resource_id, **_settings(properties))

    def delete_from(self, backend: Any) -> None:
        """Delete the schedule, unless its group is already gone."""
        with suppress(ScheduleGroupNotFound):
            backend.delete_schedule(self._group_name, self.physical_resource_id)


def _settings(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "description": properties.get("Description"),
        "end_date": _time(properties.get("EndDate")),
        "flexible_time_window": properties["FlexibleTimeWindow"],
        "group_name": properties.get("GroupName", "default"),
        "kms_key_arn": None,
        "schedule_expression": properties["ScheduleExpression"],
        "schedule_expression_timezone": properties.get("ScheduleExpressionTimezone", "UTC"),
        "start_date": _time(properties.get("StartDate")),
        "state": properties.get("State", "ENABLED"),
        "target": properties["Target"],
    }


def _time(text: str | None) -> float | None:
    return datetime.fromisoformat(text).timestamp() if text else None
