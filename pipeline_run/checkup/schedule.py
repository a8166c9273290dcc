"""Check when the deployment's schedule fires next."""

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

_NAMED_BY = {"Schedule": "Name", "ScheduleGroup": "GroupName"}  # keyed by logical ID


def check_schedule(connection: Connection, where: Deployment) -> Iterator[Finding]:
    """Show when the deployment's schedule fires next, if it has one."""
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
        return CheckVerdict.BAD, f"{expression} is disabled and does not start {pipeline}."
    if expression.startswith("rate("):
        return CheckVerdict.GOOD, f"{expression} {_from_its_beginning(expression, made, pipeline)}"
    if found is None:
        return CheckVerdict.BAD, f"{expression} will not fire again."
    return CheckVerdict.GOOD, f"{expression} ({zone}) next starts {pipeline} at {moment(found)}."


def _from_its_beginning(expression: str, made: dict[str, Any] | None, pipeline: str | None) -> str:
    """When a rate expression fires next.

    A rate fires first when the schedule is created. AWS does not document whether a change restarts
    the interval, so both times are shown.
    https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#rate-based
    """
    if made is None:
        return (
            f"starts {pipeline}. The interval began when the schedule was created. To show the "
            "next start, doctor needs scheduler:GetSchedule and cloudformation:ListStackResources."
        )
    created, changed = made["CreationDate"], made["LastModificationDate"]
    told = f"next starts {pipeline} at {_after(expression, created)}"
    if changed > created:
        told += f", or at {_after(expression, changed)} if its last change restarted the interval"
    return f"{told}."


def _after(expression: str, start: datetime) -> str:
    found = _next(expression, "UTC", start.timestamp())
    assert found is not None  # a rate always has a next time
    return moment(found)


def _next(expression: str, zone: str, start: float = 0.0) -> datetime | None:
    found = parse_schedule(expression, zone, start)(environment().now().timestamp())
    return None if found is None else datetime.fromtimestamp(found, UTC)


def _described(connection: Connection, where: Deployment) -> dict[str, Any] | None:
    """The schedule from AWS, or None if the caller may not read it."""
    if where.stack is None:
        return None
    try:
        found: dict[str, Any] = connection.client("scheduler").get_schedule(
            **_named(connection, where.stack)
        )
    except (BotoCoreError, ClientError):
        return None  # fall back to the stack's parameters
    return found


def _named(connection: Connection, stack: str) -> dict[str, str]:
    """The names of the schedule and its group, if the stack contains them."""
    return {
        _NAMED_BY[name]: physical_id.rpartition("|")[2]
        for name, physical_id in stack_resources(connection, stack).items()
        if name in _NAMED_BY  # a schedule's ID may be group|name
    }
