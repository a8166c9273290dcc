"""AWS::Scheduler::ScheduleGroup, which moto's CloudFormation does not know."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from moto.cloudformation import parsing
from moto.core.common_models import CloudFormationModel
from moto.scheduler.exceptions import ScheduleNotFound
from moto.scheduler.models import scheduler_backends

TYPE = "AWS::Scheduler::ScheduleGroup"
PROPERTIES = frozenset({"Name"})


class ScheduleGroupResource(CloudFormationModel):  # type: ignore[misc]
    """A group of schedules as a resource of a stack."""

    def __init__(self, group: Any) -> None:
        self.physical_resource_id = group.name
        self._arn = group.arn

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
        cloudformation_json: dict[str, Any],  # noqa: ARG003 - moto's signature; the name says all
        account_id: str,
        region_name: str,
        **_: Any,
    ) -> ScheduleGroupResource:
        """Create the group."""
        backend = scheduler_backends[account_id][region_name]
        # Names have at most 64 characters; CloudFormation shortens those that it makes.
        name = resource_name[-64:].lstrip("-")
        return cls(backend.create_schedule_group(name, []))

    @classmethod
    def update_from_cloudformation_json(
        cls,
        original_resource: ScheduleGroupResource,
        new_resource_name: str,  # noqa: ARG003 - moto's signature
        cloudformation_json: dict[str, Any],  # noqa: ARG003 - there is nothing to change
        account_id: str,  # noqa: ARG003 - moto's signature
        region_name: str,  # noqa: ARG003 - moto's signature
    ) -> ScheduleGroupResource:
        """The group as it is."""
        return original_resource

    def delete(self, account_id: str, region_name: str) -> None:
        """Delete the group, and with it the schedules that are still in it."""
        backend = scheduler_backends[account_id][region_name]
        group = backend.schedule_groups[self.physical_resource_id]
        for name in list(group.schedules):
            with suppress(ScheduleNotFound):  # it may have fired for the last time
                backend.delete_schedule(group.name, name)
        backend.delete_schedule_group(group.name)


def install() -> None:
    """Let stacks have this resource."""
    parsing.get_model_map()[TYPE] = ScheduleGroupResource
    parsing.get_name_type_map()[TYPE] = ScheduleGroupResource.cloudformation_name_type()
