"""AWS::Scheduler::Schedule, which moto's CloudFormation does not know."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from moto.cloudformation import parsing
from moto.core.common_models import CloudFormationModel
from moto.scheduler.models import scheduler_backends

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


class ScheduleResource(CloudFormationModel):  # type: ignore[misc]
    """A schedule as a resource of a stack."""

    def __init__(self, schedule: Any) -> None:
        self.physical_resource_id = schedule.name
        self._arn = schedule.arn
        self._group_name = schedule.group_name

    @staticmethod
    def cloudformation_name_type() -> str:
        """The property that names the resource."""
        return "Name"

    @staticmethod
    def cloudformation_type() -> str:
        """The resource's type."""
        return TYPE

    @classmethod
    def has_cfn_attr(cls, attr: str) -> bool:
        """Whether Fn::GetAtt knows the attribute."""
        return attr == "Arn"

    def get_cfn_attribute(self, attribute_name: str) -> str:
        """The attribute's value. KeyError for one that there is not."""
        return str({"Arn": self._arn}[attribute_name])

    @classmethod
    def create_from_cloudformation_json(
        cls,
        resource_name: str,
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
        **_: Any,
    ) -> ScheduleResource:
        """Create the schedule."""
        settings = _settings(cloudformation_json["Properties"])
        backend = scheduler_backends[account_id][region_name]
        # Names have at most 64 characters; CloudFormation shortens those that it makes.
        name = resource_name[-64:].lstrip("-")
        return cls(backend.create_schedule(name=name, action_after_completion=None, **settings))

    @classmethod
    def update_from_cloudformation_json(
        cls,
        original_resource: ScheduleResource,
        new_resource_name: str,  # noqa: ARG003 - moto's signature
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
    ) -> ScheduleResource:
        """Replace the schedule's settings."""
        settings = _settings(cloudformation_json["Properties"])
        backend = scheduler_backends[account_id][region_name]
        name = original_resource.physical_resource_id
        return cls(backend.update_schedule(name=name, **settings))

    def delete(self, account_id: str, region_name: str) -> None:
        """Delete the schedule."""
        backend = scheduler_backends[account_id][region_name]
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


def install() -> None:
    """Let stacks have this resource."""
    parsing.get_model_map()[TYPE] = ScheduleResource
    parsing.get_name_type_map()[TYPE] = ScheduleResource.cloudformation_name_type()
