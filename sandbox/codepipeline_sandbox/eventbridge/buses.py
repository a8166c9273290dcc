"""Event buses as resources in stacks, and the policies that decide who can put events on them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Self

from moto.core.exceptions import JsonRESTError
from moto.events.exceptions import ValidationException
from moto.events.models import EventBusPolicyStatement, events_backends

from codepipeline_sandbox.kernel.stack_resource import StackResource

if TYPE_CHECKING:
    from collections.abc import Mapping

BUS = "AWS::Events::EventBus"
BUS_PROPERTIES = frozenset({"Description", "KmsKeyIdentifier", "Name", "Tags"})
POLICY = "AWS::Events::EventBusPolicy"
POLICY_PROPERTIES = frozenset(
    {"Action", "Condition", "EventBusName", "Principal", "Statement", "StatementId"}
)
_LONGEST_POLICY = 10_240  # bytes
_STATEMENT = {"Sid", "Effect", "Principal", "Action", "Resource", "Condition"}


class BusResource(StackResource):
    """An event bus as a resource in a stack."""

    resource_type = BUS
    backends = events_backends
    name_property = "Name"
    attributes = frozenset({"Arn", "Name"})

    @classmethod
    def create(cls, backend: Any, name: str, properties: dict[str, Any]) -> Self:
        """Create the bus."""
        _require(properties, "Name")
        bus = backend.create_event_bus(
            name,
            description=properties.get("Description"),
            kms_key_identifier=properties.get("KmsKeyIdentifier"),
            tags=properties.get("Tags"),
        )
        return cls(name, Arn=bus.arn, Name=name)

    def update(self, backend: Any, properties: dict[str, Any]) -> None:
        """Update the bus properties that can be changed."""
        bus = backend.describe_event_bus(self.physical_resource_id)
        bus.description = properties.get("Description")

    def delete_from(self, backend: Any) -> None:
        """Delete the bus. Raises ValidationException if it still has rules."""
        backend.delete_event_bus(self.physical_resource_id)


class BusPolicyResource(StackResource):
    """One statement of a bus's policy, as a resource in a stack.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-events-eventbuspolicy.html
    """

    resource_type = POLICY
    backends = events_backends

    def __init__(self, statement_id: str, bus_name: str) -> None:
        super().__init__(statement_id)
        self._bus_name = bus_name

    @classmethod
    def create(cls, backend: Any, name: str, properties: dict[str, Any]) -> Self:
        """Add the statement, or replace the one with the same ID."""
        del name
        _require(properties, "StatementId")
        bus = backend.describe_event_bus(properties.get("EventBusName", "default"))
        _put(bus, properties["StatementId"], _statement(bus, properties))
        return cls(properties["StatementId"], bus.name)

    def delete_from(self, backend: Any) -> None:
        """Remove the statement, unless the bus is gone. moto deletes resources in any order."""
        if bus := backend.event_buses.get(self._bus_name):
            bus.remove_statement(self.physical_resource_id)


def _require(properties: Mapping[str, Any], name: str) -> None:
    if name not in properties:
        raise ValidationException(f"#: required key [{name}] not found")


def _statement(bus: Any, properties: Mapping[str, Any]) -> Mapping[str, Any]:
    parts = {"Action", "Condition", "Principal"} & set(properties)
    if "Statement" not in properties:
        return _of_parts(bus, properties)
    if parts:
        raise ValidationException(f"Statement cannot be combined with {', '.join(sorted(parts))}")
    given = properties["Statement"]
    statement: Mapping[str, Any] = json.loads(given) if isinstance(given, str) else given
    _check(bus, statement)
    return statement


def _of_parts(bus: Any, properties: Mapping[str, Any]) -> Mapping[str, Any]:
    for name in ("Action", "Principal"):
        _require(properties, name)
    principal, condition = properties["Principal"], properties.get("Condition")
    if condition and principal != "*":
        raise ValidationException("Principal must be '*' when Condition is set")
    account = {"AWS": f"arn:aws:iam::{principal}:root"}
    statement = {
        "Effect": "Allow",
        "Principal": "*" if principal == "*" else account,
        "Action": properties["Action"],
        "Resource": bus.arn,
    }
    if condition:
        statement["Condition"] = {condition["Type"]: {condition["Key"]: condition["Value"]}}
    _check(bus, statement)
    return statement


def _check(bus: Any, statement: Mapping[str, Any]) -> None:
    missing = {"Effect", "Principal", "Action", "Resource"} - set(statement)
    unknown = set(statement) - _STATEMENT
    if missing or unknown:
        wrong = f"missing {sorted(missing)}, unknown {sorted(unknown)}"
        raise ValidationException(f"The statement is malformed: {wrong}")
    if statement["Action"] not in ("events:PutEvents", ["events:PutEvents"]):
        raise ValidationException(
            f"In a bus's policy, the sandbox supports only the action events:PutEvents, "
            f"not {statement['Action']}"
        )
    if statement["Resource"] not in (bus.arn, [bus.arn]):
        raise ValidationException(f"The statement's Resource must be the bus, {bus.arn}")


def _put(bus: Any, statement_id: str, statement: Mapping[str, Any]) -> None:
    # moto's own methods would also remove other statements for the same principal.
    statements = bus._statements  # noqa: SLF001
    before = statements.get(statement_id)
    statements[statement_id] = EventBusPolicyStatement.from_dict({**statement, "Sid": statement_id})
    if len(bus.policy.encode()) > _LONGEST_POLICY:
        if before is None:
            del statements[statement_id]
        else:
            statements[statement_id] = before
        raise JsonRESTError(
            "PolicyLengthExceededException",
            f"The policy of bus {bus.name} would be longer than {_LONGEST_POLICY} bytes",
        )
