"""The EventBridge backend: moto's buses, rules and targets, with our events and schedules."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.events import models as moto_events
from moto.events.exceptions import ResourceAlreadyExistsException, ValidationException

from codepipeline_sandbox import api_model
from codepipeline_sandbox.eventbridge import bus_keys, patterns, schedule_expressions, targets, urls
from codepipeline_sandbox.eventbridge.cron import InvalidSchedule
from codepipeline_sandbox.eventbridge.events import current_events
from codepipeline_sandbox.eventbridge.schedule_expressions import NextFiring
from codepipeline_sandbox.kernel import here
from codepipeline_sandbox.kernel.protocols import AccessDenied

_TARGETS = 5  # the maximum number of targets per rule


class EventsBackend(moto_events.EventsBackend):  # type: ignore[misc]
    """EventBridge in one account and Region."""

    _url_module = urls

    def put_rule(self, name: str, *args: Any, **kwargs: Any) -> Any:
        """Create or replace a rule, and start its schedule if it has one."""
        _check_rule(name, kwargs)
        expression = kwargs.get("scheduled_expression")
        if expression:
            self._parse(expression)
        rule = super().put_rule(name, *args, **kwargs)
        self._arm(rule)
        return rule

    def put_targets(
        self, name: str, event_bus_arn: str | None, targets: list[dict[str, Any]]
    ) -> None:
        """Add targets to a rule."""
        api_model.check_request("events", "PutTargets", {"Rule": name, "Targets": targets})
        for target in targets:
            _check_target(target, self.account_id, self.region_name)
        _check_number(self.describe_rule(name, event_bus_arn), targets)
        super().put_targets(name, event_bus_arn, targets)

    def create_event_bus(self, name: str, *args: Any, **settings: Any) -> Any:
        """Create a bus, if EventBridge can use the bus's key."""
        given = {"Name": name, "KmsKeyIdentifier": settings.get("kms_key_identifier")}
        api_model.check_request("events", "CreateEventBus", _given(given))
        for setting in ("dead_letter_config", "event_source_name"):
            if settings.get(setting):
                raise ValidationException(f"The sandbox does not support {setting} of a bus.")
        bus = super().create_event_bus(name, *args, **settings)
        try:
            bus_keys.require(bus)
        except AccessDenied as error:
            del self.event_buses[name]
            raise ValidationException(str(error)) from error
        return bus

    def create_connection(self, name: str, *args: Any, **settings: Any) -> Any:
        """Create a connection. Raises ResourceAlreadyExistsException if the name is taken."""
        if name in self.connections:
            raise ResourceAlreadyExistsException(f"Connection {name} already exists.")
        return super().create_connection(name, *args, **settings)

    def create_api_destination(self, name: str, *args: Any, **settings: Any) -> Any:
        """Create an API destination. Raises ResourceAlreadyExistsException if the name is taken."""
        if name in self.destinations:
            raise ResourceAlreadyExistsException(f"An api-destination '{name}' already exists.")
        return super().create_api_destination(name, *args, **settings)

    def delete_event_bus(self, name: str) -> None:
        """Delete a bus. Raises ValidationException if it still has rules."""
        bus = self.event_buses.get(name)
        if bus is not None and bus.rules:
            raise ValidationException(f"The event bus {name} has rules. Delete them first.")
        super().delete_event_bus(name)

    def enable_rule(self, name: str, event_bus_arn: str | None) -> bool:
        """Enable a rule. If it has a rate, the first interval starts now."""
        enabled: bool = super().enable_rule(name, event_bus_arn)
        if enabled:
            self._arm(self.describe_rule(name, event_bus_arn))
        return enabled

    def delete_rule(self, name: str, event_bus_arn: str | None) -> None:
        """Delete a rule, so it no longer fires."""
        bus = self.event_buses.get(self._normalize_event_bus_arn(event_bus_arn))
        rule = bus.rules.get(name) if bus else None
        super().delete_rule(name, event_bus_arn)
        if rule is not None:
            current_events().timetable.disarm(rule.arn)

    def put_events(self, events: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Handle PutEvents. Returns one result per entry."""
        if len(events) > 10:  # noqa: PLR2004 - AWS's limit
            raise ValidationException(
                "1 validation error detected: Value at 'entries' failed to satisfy constraint: "
                "Member must have length less than or equal to 10"
            )
        return [self._put_event(entry) for entry in events]

    def _put_event(self, entry: dict[str, Any]) -> dict[str, Any]:
        if problem := _problem(entry):
            return problem
        moment = entry.get("Time")
        event = current_events().complete(
            self.account_id,
            self.region_name,
            {
                "detail-type": entry["DetailType"],
                "source": entry["Source"],
                "time": _time(moment) if moment is not None else None,
                "resources": entry.get("Resources", []),
                "detail": json.loads(entry["Detail"]),
            },
        )
        current_events().take(self._bus_arn(entry.get("EventBusName")), event)
        return {"EventId": event["id"]}

    def _bus_arn(self, name: str | None) -> str:
        if name and name.startswith("arn:"):
            return name
        return (
            f"arn:{self.partition}:events:{self.region_name}:{self.account_id}"
            f":event-bus/{name or 'default'}"
        )

    def _arm(self, rule: Any) -> None:
        events = current_events()
        if not rule.scheduled_expression:
            events.timetable.disarm(rule.arn)
            return

        def fire(time: float) -> None:
            if rule.state != "DISABLED":
                events.send_to_targets(rule, _scheduled_event(rule, time))

        events.timetable.arm(rule.arn, self._parse(rule.scheduled_expression), fire)

    @staticmethod
    def _parse(expression: str) -> NextFiring:
        try:
            return schedule_expressions.parse(expression, start=here.current().world.now)
        except InvalidSchedule as error:
            raise ValidationException("Parameter ScheduleExpression is not valid.") from error


_check_target = targets.check


def _check_rule(name: str, settings: dict[str, Any]) -> None:
    given = {
        "Name": name,
        "Description": settings.get("description"),
        "EventBusName": settings.get("event_bus_arn"),
        "EventPattern": settings.get("event_pattern"),
        "RoleArn": settings.get("role_arn"),
        "ScheduleExpression": settings.get("scheduled_expression"),
        "State": settings.get("state"),
    }
    api_model.check_request("events", "PutRule", _given(given))
    if settings.get("state") not in {None, "ENABLED", "DISABLED"}:
        raise ValidationException(f"The sandbox does not support the state {settings['state']}.")
    if pattern := settings.get("event_pattern"):
        patterns.checked(pattern)


def _check_number(rule: Any, added: list[dict[str, Any]]) -> None:
    if len({target["Id"] for target in (*rule.targets, *added)}) > _TARGETS:
        raise JsonRESTError(
            "LimitExceededException", "The requested resource exceeds the maximum number allowed."
        )


def _given(members: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}


def _scheduled_event(rule: Any, time: float) -> Any:
    moment = datetime.fromtimestamp(time, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    event = {
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "time": moment,
        "resources": [rule.arn],
        "detail": {},
    }
    return current_events().complete(rule.account_id, rule.region_name, event)


def _problem(entry: dict[str, Any]) -> dict[str, Any] | None:
    for name in ("Source", "DetailType", "Detail"):
        if not entry.get(name):
            message = f"Parameter {name} is not valid. Reason: {name} is a required argument."
            return {"ErrorCode": "InvalidArgument", "ErrorMessage": message}
    if entry["Source"].startswith("aws."):
        message = "Not authorized for the source."
        return {"ErrorCode": "NotAuthorizedForSourceException", "ErrorMessage": message}
    try:
        detail = json.loads(entry["Detail"])
    except (ValueError, RecursionError):
        detail = None
    if not isinstance(detail, dict):
        return {"ErrorCode": "MalformedDetail", "ErrorMessage": "Detail is malformed."}
    return None


def _time(moment: Any) -> str:
    return datetime.fromtimestamp(float(moment), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
