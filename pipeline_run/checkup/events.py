"""Check whether a target's events reach the deployment and can wake its runs."""

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
_POLL = "so runs poll and notice the end later"


def check_events(
    connection: Connection,
    table: str,
    where: Deployment,
    now: datetime,
    *,
    target: Target,
    newest: Execution | str,
) -> Iterator[Finding]:
    """Check whether the target's events arrive, and show how to make them arrive.

    The finding is never a failure.

    `table` is the deployment's waits table. Only the wake function creates items there, so an item
    for the target's `newest` execution proves that events arrive. If that execution is unknown,
    `newest` says why.
    """
    route = EventRoute(where, target)
    have_arrived, unknown = None, newest
    if isinstance(newest, Execution):
        have_arrived, unknown = _have_arrived(connection, table, now, target, newest)
        execution_id = newest.pipeline_execution_id
        about = f"of the newest execution, {execution_id},"
        if have_arrived:
            yield Finding(CheckVerdict.GOOD, _ABOUT, f"{about} have arrived. They wake runs.")
            return
        if have_arrived is False:
            told = f"{about} have not arrived, {_POLL}. {route.missing()}"
            yield Finding(CheckVerdict.MISSING, _ABOUT, told, commands=route.commands())
            return
    if route.is_open is False:
        told = f"do not arrive, {_POLL}. {route.missing()}"
        yield Finding(CheckVerdict.MISSING, _ABOUT, told, commands=route.commands())
    elif route.is_open and route.is_local:
        told = f"are sent by the deployment's own rule, but none has been seen yet. {unknown}"
        yield Finding(CheckVerdict.GOOD, _ABOUT, told)
    else:
        yield Finding(CheckVerdict.UNTRIED, _ABOUT, f"may or may not arrive. {unknown}")


def _have_arrived(
    connection: Connection, table: str, now: datetime, target: Target, newest: Execution
) -> tuple[bool | None, str]:
    """Whether the table has an item for the execution. If that is unknown, None and the reason."""
    if newest.start_time is None or now - newest.start_time > KEPT:
        return None, f"Items are kept for {KEPT.days} days. The newest execution may be older."
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
