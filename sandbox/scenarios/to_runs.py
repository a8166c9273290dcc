"""What somebody does to a run of the product, and how it is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.scenarios.waiting import Impossible

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sandbox.company import Company
    from sandbox.scenarios.model import Happening


def start(company: Company, details: Mapping[str, Any]) -> None:
    """StartExecution; an event tells of it."""
    company.stepfunctions().start_execution(
        stateMachineArn=company.state_machine, input=details["run"].text
    )


def abort(company: Company, details: Mapping[str, Any]) -> str:
    """StopExecution."""
    run = _arn(company, details["number"])
    cause = {"cause": details["reason"]} if "reason" in details else {}
    company.stepfunctions().stop_execution(executionArn=run, **cause)
    because = f": {details['reason']}" if "reason" in details else ""
    return f"somebody stops run {details['number']}{because} (StopExecution)"


def redrive(company: Company, details: Mapping[str, Any]) -> str:
    """RedriveExecution."""
    run = _arn(company, details["number"])
    company.stepfunctions().redrive_execution(executionArn=run)
    return f"somebody redrives run {details['number']} (RedriveExecution)"


_DEEDS: Mapping[str, Callable[[Company, Mapping[str, Any]], str | None]] = {
    "run": start,
    "abort": abort,
    "redrive": redrive,
}


def act(company: Company, happening: Happening) -> str | None:
    """Do it. Raises Impossible when there is no such run."""
    return _DEEDS[happening.verb](company, happening.details)


def _arn(company: Company, number: int) -> str:
    pages = company.stepfunctions().get_paginator("list_executions")
    found = [
        run["executionArn"]
        for page in pages.paginate(stateMachineArn=company.state_machine)
        for run in page["executions"]
    ]
    if number > len(found):
        raise Impossible(f"there is no run {number} yet")
    return found[-number]
