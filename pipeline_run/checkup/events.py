"""Checks whether events of a target reach the deployment, so that they wake its runs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from codepipeline_orchestrator.model.listening import KEPT, waits_key
from codepipeline_orchestrator.model.state import Execution
from codepipeline_orchestrator.model.target import Target
from pipeline_run.checkup.event_route import EventRoute
from pipeline_run.checkup.finding import CheckVerdict, Finding
from pipeline_run.connection import Connection
from pipeline_run.deployment import Deployment
from pipeline_run.errors import CommandError, aws_refusals

_ABOUT = "events"
_POLL = "so runs poll: they notice the end later"


def check_events(
    connection: Connection,
    table: str,
    where: Deployment,
    now: datetime,
    *,
    target: Target,
    newest: Execution | str,
) -> Iterator[Finding]:
    """Whether events of the target arrive, and what brings them. It is never a failure.

    `table` is the deployment's Waits table. Only the function wake makes items there, so an item of
    the target's `newest` execution proves that events arrive. `newest` may be why it is not known.
    """
    route = EventRoute(where, target)
    have_arrived, unknown = None, newest
    if isinstance(newest, Execution):
        have_arrived, unknown = _have_arrived(connection, table, now, target, newest)
        execution_id = newest.pipeline_execution_id
        told = f"of its newest execution, {execution_id}, have"
        if have_arrived:
            yield Finding(CheckVerdict.GOOD, _ABOUT, f"{told} arrived. Events wake runs.")
            return
        if have_arrived is False:
            told = f"{told} not arrived, {_POLL}. {route.missing()}"
            yield Finding(CheckVerdict.MISSING, _ABOUT, told, commands=route.commands())
            return
    if route.is_open is False:
        told = f"do not arrive, {_POLL}. {route.missing()}"
        yield Finding(CheckVerdict.MISSING, _ABOUT, told, commands=route.commands())
    elif route.is_open and route.is_local:
        told = f"come by a rule of the deployment. Whether one has arrived is not known: {unknown}"
        yield Finding(CheckVerdict.GOOD, _ABOUT, told)
    else:
        yield Finding(CheckVerdict.UNTRIED, _ABOUT, f"are not known to arrive: {unknown}")


def _have_arrived(
    connection: Connection, table: str, now: datetime, target: Target, newest: Execution
) -> tuple[bool | None, str]:
    """Whether the table has the execution; None and the reason if that is not known."""
    if newest.start_time is None or now - newest.start_time > KEPT:
        return None, f"The newest execution may be older than the {KEPT.days} days that are kept."
    key = waits_key(
        target.account, target.region, target.pipeline_name, newest.pipeline_execution_id
    )
    try:
        with aws_refusals(f"read {table} (dynamodb:GetItem)"):
            answer = connection.client("dynamodb").get_item(
                TableName=table,
                Key={"execution": {"S": key}},
                ProjectionExpression="execution",
            )
    except CommandError as error:
        return None, error.message
    return "Item" in answer, ""
