"""Settles what a run leaves behind that did not come to its end by itself: its job, its target."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from codepipeline_orchestrator.errors import FunctionFailed, RunAborted, RunStatusOutdated
from codepipeline_orchestrator.job.answer import answer_job
from codepipeline_orchestrator.job.answer_from_run import (
    RunDescription,
    answer_of_ended,
    goes_on,
    has_reported,
    read_run,
)
from codepipeline_orchestrator.model.documents import json_object
from codepipeline_orchestrator.model.outcome import Outcome
from codepipeline_orchestrator.model.request import LeaveOrStop
from codepipeline_orchestrator.result.metrics import count_end
from codepipeline_orchestrator.telemetry import bind_run, logger

if TYPE_CHECKING:
    from mypy_boto3_codepipeline import CodePipelineClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_stepfunctions import SFNClient

_PAGE = 100  # events; what is looked for is nearly always among the newest ten
_UNKNOWN = object()


def close_run(
    change: Mapping[str, Any],
    *,
    stop_function: str,
    stepfunctions: SFNClient,
    codepipeline: CodePipelineClient,
    connect_lambda: Callable[[], LambdaClient],
) -> None:
    """Answer the job that the run last held, by its outcome, and do what onAbort says.

    `change` is the detail of the event that told of the end. A run that failed by itself has done
    both, and one that was redriven goes on. Raises RunStatusOutdated: trying again helps.
    """
    arn = change["executionArn"]
    bind_run(arn)
    run = read_run(arn, stepfunctions=stepfunctions)
    if goes_on(run):
        _refuse_what_was_before(run, change)
        return
    if has_reported(run):
        return
    left = _left_behind(run, stepfunctions)
    try:
        if left.job_id is not None:
            answer_job(left.job_id, answer_of_ended(run), codepipeline=codepipeline)
    finally:  # a job that cannot be answered keeps no target from being stopped
        if run["status"] == "ABORTED" and left.stops:
            _let_stop(left.payload, stop_function, connect_lambda)
    _count(run)


def _count(run: RunDescription) -> None:
    """Count what the run itself could not."""
    if run["status"] == "ABORTED":
        count_end("Aborted", RunAborted.__name__)
    else:
        count_end(Outcome.ERROR, run.get("error") or FunctionFailed.__name__)


def _refuse_what_was_before(run: RunDescription, change: Mapping[str, Any]) -> None:
    """Only a redrive lets a run go on that has ended.

    DescribeExecution is eventually consistent, so it may not know of the end yet.
    https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeExecution.html
    """
    if run.get("redriveCount", 0) <= (change.get("redriveCount") or 0):
        raise RunStatusOutdated(
            f"The run {run['executionArn']} has ended {change['status']}; DescribeExecution still "
            f"says {run['status']}."
        )


def _let_stop(
    payload: Mapping[str, Any], stop_function: str, connect_lambda: Callable[[], LambdaClient]
) -> None:
    logger.info("the run was stopped; its target is stopped too, as onAbort says")
    # It is tried again for hours, if need be: nobody waits for it here.
    connect_lambda().invoke(
        FunctionName=stop_function,
        InvocationType="Event",
        Payload=json.dumps({**payload, "why": "Stop", "report": {}}).encode(),
    )


@dataclass(frozen=True)
class _Left:
    """What the history of a run says last of its job and its target."""

    job_id: str | None
    payload: Mapping[str, Any]  # of the last task that worked on the target; empty without

    @property
    def stops(self) -> bool:
        on_abort = self.payload.get("request", {}).get("onAbort", LeaveOrStop.LEAVE)
        return LeaveOrStop(on_abort).stops


def _left_behind(run: RunDescription, stepfunctions: SFNClient) -> _Left:
    job: Any = _UNKNOWN
    payload: Mapping[str, Any] = {}
    for event in _newest_first(run["executionArn"], stepfunctions):
        if job is _UNKNOWN:
            job = _held_job(event)
        if not payload:
            payload = _payload(event) if "request" in _payload(event) else {}
        if job is not _UNKNOWN and payload:
            break
    return _Left(job["id"] if isinstance(job, dict) else None, payload)


def _newest_first(arn: str, stepfunctions: SFNClient) -> Iterator[Mapping[str, Any]]:
    pages = stepfunctions.get_paginator("get_execution_history").paginate(
        executionArn=arn, reverseOrder=True, PaginationConfig={"PageSize": _PAGE}
    )
    for page in pages:
        yield from page["events"]


def _held_job(event: Mapping[str, Any]) -> Any:
    """The job that the run holds from this event on, None for none; _UNKNOWN if it does not say."""
    for document in (_assigned(event), _handed_over(event), _payload(event)):
        if "heldJob" in document:
            return document["heldJob"]
    if event["type"] == "ExecutionStarted":
        job = json_object(event["executionStartedEventDetails"].get("input")).get("job")
        # By hand anything can be sent; only what has an id can be answered.
        held = job if isinstance(job, dict) and job.get("held") is True else {}
        return held if isinstance(held.get("id"), str) else None
    return _UNKNOWN


def _assigned(event: Mapping[str, Any]) -> Mapping[str, Any]:
    """The variables that a state assigned as it was left: each is JSON."""
    assigned = event.get("stateExitedEventDetails", {}).get("assignedVariables", {})
    return {name: json.loads(value) for name, value in assigned.items()}


def _handed_over(event: Mapping[str, Any]) -> Mapping[str, Any]:
    """What SendTaskSuccess said, a moment before the state was left."""
    return json_object(event.get("taskSucceededEventDetails", {}).get("output"))


def _payload(event: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a task's function was sent."""
    parameters = json_object(event.get("taskScheduledEventDetails", {}).get("parameters"))
    payload = parameters.get("Payload", {})
    return payload if isinstance(payload, dict) else {}
