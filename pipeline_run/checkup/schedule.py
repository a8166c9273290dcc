"""When the schedule of a deployment fires next."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from pipeline_run.checkup.finding import CheckVerdict, Finding
from pipeline_run.connection import Connection
from pipeline_run.deployment import Deployment, stack_resources
from pipeline_run.environment import environment
from pipeline_run.output import moment
from pipeline_run.schedules.cron import InvalidExpression
from pipeline_run.schedules.expressions import parse_schedule

_NAMED_BY = {"Schedule": "Name", "ScheduleGroup": "GroupName"}  # logical ids


def check_schedule(connection: Connection, where: Deployment) -> Iterator[Finding]:
    """When it fires next, if the deployment has one."""
    expression = where.parameters.get("ScheduleExpression")
    if not expression:
        return
    try:
        verdict, told = _told(connection, where, expression)
    except InvalidExpression as error:
        verdict, told = CheckVerdict.UNTRIED, f"{error}."
    yield Finding(verdict, "schedule", told)


def _told(connection: Connection, where: Deployment, expression: str) -> tuple[CheckVerdict, str]:
    pipeline = where.parameters.get("SchedulePipelineName")
    zone = where.parameters.get("ScheduleTimezone") or "UTC"
    found = _next(expression, zone)
    made = _described(connection, where)
    if made and made.get("State") == "DISABLED":
        return CheckVerdict.BAD, f"{expression} is disabled, and starts {pipeline} no more."
    if expression.startswith("rate("):
        return CheckVerdict.GOOD, f"{expression} {_from_its_beginning(expression, made, pipeline)}"
    if found is None:
        return CheckVerdict.BAD, f"{expression} never fires again."
    return CheckVerdict.GOOD, f"{expression} ({zone}) starts {pipeline} next at {moment(found)}."


def _from_its_beginning(expression: str, made: dict[str, Any] | None, pipeline: str | None) -> str:
    """A rate counts from when the schedule was made, and fires then for the first time.

    AWS does not say whether a change begins the count anew, so both times are told.
    https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#rate-based
    """
    if made is None:
        return (
            f"since the schedule was made starts {pipeline}. scheduler:GetSchedule and "
            "cloudformation:ListStackResources would tell when that was."
        )
    created, changed = made["CreationDate"], made["LastModificationDate"]
    told = f"starts {pipeline} next at {_after(expression, created)}"
    if changed > created:
        told += f", or at {_after(expression, changed)} if its last change began the count anew"
    return f"{told}."


def _after(expression: str, start: datetime) -> str:
    found = _next(expression, "UTC", start.timestamp())
    assert found is not None  # a rate never ends
    return moment(found)


def _next(expression: str, zone: str, start: float = 0.0) -> datetime | None:
    found = parse_schedule(expression, zone, start)(environment().now().timestamp())
    return None if found is None else datetime.fromtimestamp(found, UTC)


def _described(connection: Connection, where: Deployment) -> dict[str, Any] | None:
    """The schedule as it is; None where the caller may not read it."""
    if where.stack is None:
        return None
    try:
        found: dict[str, Any] = connection.client("scheduler").get_schedule(
            **_named(connection, where.stack)
        )
    except (BotoCoreError, ClientError):
        return None  # what the parameters say has to do
    return found


def _named(connection: Connection, stack: str) -> dict[str, str]:
    """The schedule's name and its group's; those that the stack does not have are left out."""
    return {
        _NAMED_BY[name]: physical_id.rpartition("|")[2]
        for name, physical_id in stack_resources(connection, stack).items()
        if name in _NAMED_BY  # a schedule may be told as group|name
    }
