"""Answers the job and stops the target of a run that was stopped or died."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

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
    digest_in,
    end_of_run,
    goes_on,
    has_reported,
    read_run,
)
from codepipeline_orchestrator.job.table import Refused
from codepipeline_orchestrator.model.documents import json_object, lambda_error_message
from codepipeline_orchestrator.model.outcome import Outcome
from codepipeline_orchestrator.model.request import LeaveOrStop
from codepipeline_orchestrator.result.metrics import count_end
from codepipeline_orchestrator.telemetry import bind_run, logger

if TYPE_CHECKING:
    from mypy_boto3_codepipeline import CodePipelineClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_stepfunctions import SFNClient

    from codepipeline_orchestrator.job.table import JobsTable

_PAGE = 100  # events per page; the last task is nearly always among the newest ten


def close_run(
    change: StatusChange,
    *,
    stop_function: str,
    jobs: JobsTable,
    stepfunctions: SFNClient,
    codepipeline: CodePipelineClient,
    connect_lambda: Callable[[], LambdaClient],
) -> None:
    """Answer the newest job of the run's action with the run's outcome, and apply onAbort.

    A run that reported its outcome has already stored its answer for later jobs. `change` is the
    detail of the event about the run's end.

    Raises InvalidInput if the event names no run, and RunStatusOutdated, JobsUnavailable,
    JobUnanswered or botocore's errors if retrying helps.
    """
    arn = change.execution_arn
    if arn is None:
        raise InvalidInput("The event names no run, so there is nothing to close.")
    bind_run(arn)
    run = read_run(arn, stepfunctions=stepfunctions)
    if goes_on(run):
        _give_answer(run, jobs, codepipeline)
        _require_redriven(run, change)
        return
    if has_reported(run):
        return
    target = _stop_target(run, stop_function, stepfunctions, connect_lambda)
    _answer(run, target, jobs, codepipeline)
    if run.status != "SUCCEEDED":
        _count(run)


def _answer(
    run: RunDescription, target: str | None, jobs: JobsTable, codepipeline: CodePipelineClient
) -> None:
    digest = digest_in(run)
    if digest is None:
        return
    try:
        left = "The target was left unchanged."
        item = jobs.end(_name(run), digest, end_of_run(run, target or left))
    except Refused:
        # Someone started the run with a job's input, or the table was replaced.
        logger.warning("the run is not in the jobs table")
        return
    if item.answer is not None:
        answer_job(item.job, item.answer, codepipeline=codepipeline)


def _give_answer(run: RunDescription, jobs: JobsTable, codepipeline: CodePipelineClient) -> None:
    """Send the stored answer, in case the attempt that stored it died before sending it."""
    item = jobs.read(_name(run)) if digest_in(run) is not None else None
    if item is None or item.answer is None or item.digest != digest_in(run):
        return
    answer_job(item.job, item.answer, codepipeline=codepipeline)


def _name(run: RunDescription) -> str:
    return run.execution_arn.rpartition(":")[2]


def _count(run: RunDescription) -> None:
    if run.status == "ABORTED":
        count_end("Aborted", RunAborted.__name__)
    else:
        count_end(Outcome.ERROR, run.error or FunctionFailed.__name__)


def _require_redriven(run: RunDescription, change: StatusChange) -> None:
    """Raise RunStatusOutdated unless the run was redriven.

    An ended run can only be running again if it was redriven. Otherwise, DescribeExecution, which
    is eventually consistent, does not show the end yet.
    https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeExecution.html
    """
    if run.redrive_count <= change.redrive_count:
        raise RunStatusOutdated(
            f"The run {run.execution_arn} has ended with status {change.status}, but "
            f"DescribeExecution still shows {run.status}."
        )


def _stop_target(
    run: RunDescription,
    stop_function: str,
    stepfunctions: SFNClient,
    connect_lambda: Callable[[], LambdaClient],
) -> str | None:
    """Stop the target of an aborted run if onAbort requires it, and describe the effect.

    Returns None if the target was left alone.
    """
    if run.status != "ABORTED":
        return None
    last = _last_task(run.execution_arn, stepfunctions)
    on_abort = LeaveOrStop(last.get("request", {}).get("onAbort", LeaveOrStop.LEAVE))
    if not on_abort.stops:
        return None
    if last["execution"] is None and not last["mayHaveStarted"]:
        return "Nothing had been started."
    logger.info("the run was stopped; stopping its target because of onAbort")
    stop_date = run.stop_date.isoformat() if run.stop_date else None
    asked = {**last, "why": "Stop", "report": {}, "stopDate": stop_date}
    return _effect(asked, stop_function, connect_lambda())


def _effect(asked: Mapping[str, Any], stop_function: str, aws_lambda: LambdaClient) -> str:
    """Stop the target and describe the effect. If that fails, Lambda retries for three minutes."""
    policy = f"onAbort is '{asked['request']['onAbort']}'"
    payload = json.dumps(asked).encode()
    try:
        answer = aws_lambda.invoke(FunctionName=stop_function, Payload=payload)
        said = json_object(answer["Payload"].read().decode())
        failed = lambda_error_message(json.dumps(said)) if "FunctionError" in answer else None
    except (ClientError, BotoCoreError) as error:
        said, failed = {}, str(error)
    if failed is None:
        reason = said.get("notStopped")
        if reason is not None:
            return f"Its target was not stopped, although {policy}: {reason}"
        return f"CodePipeline is stopping its target because {policy}."
    logger.warning("the target could not be stopped yet", reason=failed)
    aws_lambda.invoke(FunctionName=stop_function, InvocationType="Event", Payload=payload)
    return (
        f"Its target has not been stopped yet, although {policy}. The orchestrator keeps trying "
        "for three minutes."
    )


def _last_task(arn: str, stepfunctions: SFNClient) -> dict[str, Any]:
    """The payload of the last task that worked on the target, and the task's output, if any.

    `mayHaveStarted` is true if the task may have started an execution that the run does not know
    about. The payload is empty if no task worked on the target.
    """
    answer: Mapping[str, Any] | None = None
    for event in _newest_first(arn, stepfunctions):
        answer = answer or _answer_in(event)
        payload = _payload(event)
        if isinstance(payload.get("request"), dict):
            changes = (answer or {}).get("changes") or {}
            known = {name: changes.get(name) for name in ("execution", "memory")}
            last = {**payload, **{name: value for name, value in known.items() if value}}
            tried = (last.get("memory") or {}).get("startTriedAt")
            # Only report_job_result's payload contains the state's name. That function starts
            # nothing.
            starts = answer is None and "state" not in payload
            return {**last, "mayHaveStarted": starts or tried is not None}
    return {}


def _newest_first(arn: str, stepfunctions: SFNClient) -> Iterator[HistoryEvent]:
    pages = stepfunctions.get_paginator("get_execution_history").paginate(
        executionArn=arn, reverseOrder=True, PaginationConfig={"PageSize": _PAGE}
    )
    for page in pages:
        yield from read_answer(HistoryPage, page).events


def _answer_in(event: HistoryEvent) -> Mapping[str, Any] | None:
    answer = json_object(event.task_succeeded_event_details.output).get("Payload")
    return answer if isinstance(answer, dict) else None


def _payload(event: HistoryEvent) -> Mapping[str, Any]:
    parameters = json_object(event.task_scheduled_event_details.parameters)
    payload = parameters.get("Payload", {})
    return payload if isinstance(payload, dict) else {}
