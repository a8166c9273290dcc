"""AWS::Events::Rule with features that moto lacks: patterns as text, and Ref as on AWS."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Self

from moto.events.exceptions import ValidationException
from moto.events.models import events_backends

from codepipeline_sandbox.kernel.stack_resource import StackResource

if TYPE_CHECKING:
    from collections.abc import Mapping

TYPE = "AWS::Events::Rule"
PROPERTIES = frozenset(
    {
        "Description",
        "EventBusName",
        "EventPattern",
        "Name",
        "RoleArn",
        "ScheduleExpression",
        "State",
        "Tags",
        "Targets",
    }
)


class RuleResource(StackResource):
    """A rule with its targets, as a resource in a stack.

    Ref of a rule on a custom bus is `bus|rule`, but RuleName is only the name.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-events-rule.html
    """

    resource_type = TYPE
    backends = events_backends
    name_property = "Name"
    maximum_name = 64
    attributes = frozenset({"Arn", "RuleName"})

    def __init__(self, rule: Any) -> None:
        custom = rule.event_bus_name != "default"
        reference = f"{rule.event_bus_name}|{rule.name}" if custom else rule.name
        super().__init__(reference, Arn=rule.arn, RuleName=rule.name)
        self._rule = rule

    @classmethod
    def create(cls, backend: Any, name: str, properties: dict[str, Any]) -> Self:
        """Create the rule, then its targets. If the targets are refused, delete the rule."""
        bus = properties.get("EventBusName")
        if name in backend.describe_event_bus(bus or "default").rules:
            raise ValidationException(
                f"Resource of type '{TYPE}' with identifier '{name}' already exists."
            )
        try:
            return cls(_put(backend, name, properties))
        except Exception:
            backend.delete_rule(name, bus)
            raise

    def update(self, backend: Any, properties: dict[str, Any]) -> None:
        """Replace the rule and its targets."""
        self._remove_targets(backend)
        self._rule = _put(backend, self._rule.name, properties)

    def delete_from(self, backend: Any) -> None:
        """Delete the targets, then the rule."""
        self._remove_targets(backend)
        backend.delete_rule(self._rule.name, self._rule.event_bus_name)

    def _remove_targets(self, backend: Any) -> None:
        ids = [target["Id"] for target in self._rule.targets]
        backend.remove_targets(self._rule.name, self._rule.event_bus_name, ids)


def _put(backend: Any, name: str, properties: Mapping[str, Any]) -> Any:
    bus = properties.get("EventBusName")
    pattern = properties.get("EventPattern")
    rule = backend.put_rule(
        name,
        description=properties.get("Description"),
        event_bus_arn=bus,
        event_pattern=pattern
        if pattern is None or isinstance(pattern, str)
        else json.dumps(pattern),
        role_arn=properties.get("RoleArn"),
        scheduled_expression=properties.get("ScheduleExpression"),
        state=properties.get("State"),
        tags=properties.get("Tags"),
    )
    if targets := properties.get("Targets"):
        backend.put_targets(name, bus, targets)
    return rule
