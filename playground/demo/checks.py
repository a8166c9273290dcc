"""Checks that everything ended as expected, because the demonstration is also a test."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from playground.company import SECOND, THIRD, TOOLS
from playground.demo.scene import FAILURE, RELEASE, SCHEDULED, TARGET
from playground.demo.story import STARTS, WAITS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playground.company import Company
    from playground.demo.board import Board
    from playground.demo.story import Ending

# description, expected value, actual value
Check = tuple[str, Any, Any]


def checks(company: Company, board: Board, ending: Ending) -> list[Check]:
    """Compare the expected results with the actual ones."""
    return [
        *_waited(board, ending),
        *_failed(board, ending),
        *_retried(board, ending),
        *_scheduled(company, board, ending),
        *_started(company, ending),
        ("the number of runs", 5, len(board.runs)),
        ("the undelivered events", [], company.cloud.events.undelivered),
    ]


def differences(made: list[Check]) -> list[str]:
    """Write a sentence for each failed check."""
    return [
        f"{claim}: expected {expected!r}, got {found!r}"
        for claim, expected, found in made
        if expected != found
    ]


def _waited(board: Board, ending: Ending) -> Iterator[Check]:
    waiting = ending.shown[f"{WAITS} while it waits"].action
    waited = ending.shown[f"{WAITS} after it ended"].action
    yield "the first action, while it waits", "InProgress", waiting["status"]
    summary = waiting["output"]["executionResult"]["externalExecutionSummary"]
    yield (
        "whether its summary shows the stage and action",
        True,
        "in stage Build, action Compile" in summary,
    )
    yield "the first action, after it ended", "Succeeded", waited["status"]
    yield "the execution that the first action followed", ending.already_running, _followed(waited)
    executions = board.pipeline(SECOND, TARGET).executions
    yield "the executions in the second account", [ending.already_running], executions


def _failed(board: Board, ending: Ending) -> Iterator[Check]:
    failed = ending.shown[f"{STARTS} after the failure"].action
    yield "the second action, before the retry", "Failed", failed["status"]
    yield (
        "the execution that it started",
        board.pipeline(THIRD, TARGET).executions[0],
        _followed(failed),
    )
    error = failed["output"]["executionResult"]["errorDetails"]
    yield "its error code", "JobFailed", error["code"]
    for named in ("stage Deploy", "action Rollout", FAILURE):
        yield f"whether its error names {named!r}", True, named in error["message"]


def _retried(board: Board, ending: Ending) -> Iterator[Check]:
    retried = ending.shown[f"{STARTS} after the retry"].action
    executions = board.pipeline(THIRD, TARGET).executions
    yield "the second action, after the retry", "Succeeded", retried["status"]
    yield "the number of executions in the third account", 2, len(executions)
    yield "the execution that the retry started", executions[-1], _followed(retried)
    variables = retried["output"]["outputVariables"]
    yield "its output variable", executions[-1], variables.get("pipelineExecutionId")
    yield "the release", "SUCCEEDED", board.pipeline(TOOLS, RELEASE).status
    yield "the number of releases", 1, len(board.pipeline(TOOLS, RELEASE).executions)


def _scheduled(company: Company, board: Board, ending: Ending) -> Iterator[Check]:
    run = company.stepfunctions().describe_execution(executionArn=ending.scheduled_run)
    yield "the scheduled run", "SUCCEEDED", run["status"]
    yield "when it began", int(ending.scheduled_at), int(run["startDate"].timestamp())
    yield "the pipeline that it should start", SCHEDULED, json.loads(run["input"])["pipelineName"]
    executions = board.pipeline(TOOLS, SCHEDULED).executions
    yield (
        "the execution that it started",
        executions[0],
        json.loads(run["output"])["pipelineExecutionId"],
    )


def _started(company: Company, ending: Ending) -> Iterator[Check]:
    run = company.stepfunctions().describe_execution(executionArn=ending.direct_run)
    yield "the run that was started directly", "SUCCEEDED", run["status"]
    yield "its outcome", "Succeeded", json.loads(run["output"])["outcome"]


def _followed(action: dict[str, Any]) -> Any:
    return action["output"]["executionResult"]["externalExecutionId"]
