"""Settles what a run leaves behind that did not come to its end by itself: its job, its target."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from codepipeline_orchestrator.aws.answers import (
    HistoryEvent,
    HistoryPage,
    RunDescription,
    StatusChange,
    read_answer,
)
from codepipeline_orchestrator.errors import (
    FunctionFailed,
    InvalidInput,
    RunAborted,
    RunStatusOutdated,
)
from codepipeline_orchestrator.job.answer import answer_job
from codepipeline_orchestrator.job.answer_from_run import (
    answer_of_ended,
    goes_on,
    has_reported,
    read_run,
)
from codepipeline_orchestrator.model.documents import json_object, json_value
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
    change: StatusChange,
    *,
    stop_function: str,
    stepfunctions: SFNClient,
    codepipeline: CodePipelineClient,
    connect_lambda: Callable[[], LambdaClient],
) -> None:
    """Answer the job that the run last held, by its outcome, and do what onAbort says.

    `change` is the detail of the event that told of the end. A run that failed by itself has done
    both, and one that was redriven goes on. Raises RunStatusOutdated: trying again helps; and
    InvalidInput if the event names no run.
    """
    arn = change.execution_arn
    if arn is None:
        raise InvalidInput("The event names no run, so there is nothing to close.")
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
        if run.status == "ABORTED" and left.stops:
            _let_stop(left.payload, stop_function, connect_lambda)
    _count(run)


def _count(run: RunDescription) -> None:
    """Count what the run itself could not."""
    if run.status == "ABORTED":
        count_end("Aborted", RunAborted.__name__)
    else:
        count_end(Outcome.ERROR, run.error or FunctionFailed.__name__)


def _refuse_what_was_before(run: RunDescription, change: StatusChange) -> None:
    """Only a redrive lets a run go on that has ended.

    DescribeExecution is eventually consistent, so it may not know of the end yet.
    https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeExecution.html
    """
    if run.redrive_count <= change.redrive_count:
        raise RunStatusOutdated(
            f"The run {run.execution_arn} has ended {change.status}; DescribeExecution still "
            f"says {run.status}."
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
    for event in _newest_first(run.execution_arn, stepfunctions):
        if job is _UNKNOWN:
            job = _held_job(event)
        if not payload and isinstance(_payload(event).get("request"), dict):
            payload = _payload(event)
        if job is not _UNKNOWN and payload:
            break
    job_id = job.get("id") if isinstance(job, dict) else None
    return _Left(job_id if isinstance(job_id, str) else None, payload)


def _newest_first(arn: str, stepfunctions: SFNClient) -> Iterator[HistoryEvent]:
    pages = stepfunctions.get_paginator("get_execution_history").paginate(
        executionArn=arn, reverseOrder=True, PaginationConfig={"PageSize": _PAGE}
    )
    for page in pages:
        yield from read_answer(HistoryPage, page).events


def _held_job(event: HistoryEvent) -> Any:
    """The job that the run holds from this event on, None for none; _UNKNOWN if it does not say."""
    for document in (_assigned(event), _handed_over(event), _payload(event)):
        if "heldJob" in document:
            return document["heldJob"]
    if event.type == "ExecutionStarted":
        job = json_object(event.execution_started_event_details.input).get("job")
        # By hand anything can be sent; only what has an id can be answered.
        return job if isinstance(job, dict) and job.get("held") is True else None
    return _UNKNOWN


def _assigned(event: HistoryEvent) -> Mapping[str, Any]:
    """The variables that a state assigned as it was left: each is JSON."""
    assigned = event.state_exited_event_details.assigned_variables
    return {name: json_value(value) for name, value in assigned.items()}


def _handed_over(event: HistoryEvent) -> Mapping[str, Any]:
    """What SendTaskSuccess said, a moment before the state was left."""
    return json_object(event.task_succeeded_event_details.output)


def _payload(event: HistoryEvent) -> Mapping[str, Any]:
    """What a task's function was sent."""
    parameters = json_object(event.task_scheduled_event_details.parameters)
    payload = parameters.get("Payload", {})
    return payload if isinstance(payload, dict) else {}
