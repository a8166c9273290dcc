"""The result document, which becomes the output of a run or the cause of its failure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from codepipeline_orchestrator.errors import OURS, FunctionFailed
from codepipeline_orchestrator.messages.end import LONGEST_MESSAGE, end_message, with_show_command
from codepipeline_orchestrator.model.documents import lambda_error_message, to_document
from codepipeline_orchestrator.model.links import execution_link, run_link
from codepipeline_orchestrator.model.outcome import Outcome
from codepipeline_orchestrator.model.output_variables import revision_name
from codepipeline_orchestrator.model.report import (
    Approval,
    Difference,
    FailedAction,
    Revision,
    RunEnd,
    StageAttempt,
)
from codepipeline_orchestrator.model.target import Target
from codepipeline_orchestrator.pipeline.output_variables import handed_back
from codepipeline_orchestrator.text import cut, plain

LONGEST_CAUSE = 32_768  # characters; a limit of the Step Functions API
_LONGEST_STATUS = 100  # characters
_MOST_REVISIONS = 5
# The fields that a cause may lack, the least important first.
_EXPENDABLE = ("stages", "variables", "sourceRevisions", "approvals", "alsoFailed", "failure")


@dataclass(frozen=True)
class ResultTarget:
    """The target, as the result document describes it."""

    pipeline_name: str
    account: str
    region: str
    arn: str
    role_arn: str


@dataclass(frozen=True)
class Result:
    """The result of a run. docs/results.md describes each field."""

    message: str
    outcome: Outcome | None = None  # None if the run was stopped or died
    error: str | None = None  # None if the run succeeded
    status: str | None = None
    pipeline_execution_id: str | None = None
    link: str | None = None
    target: ResultTarget | None = None
    run: str | None = None
    run_link: str | None = None
    start_time: datetime | None = None
    end_time: datetime | None = None
    duration_seconds: int | None = None
    failure: FailedAction | None = None
    also_failed: tuple[FailedAction, ...] = ()
    stop_reason: str | None = None
    superseded_by: str | None = None
    superseded: str | None = None
    restarted: str | None = None
    differences: tuple[Difference, ...] = ()
    rollback_of: str | None = None
    rolled_back_by: str | None = None
    approvals: tuple[Approval, ...] = ()
    stages: tuple[StageAttempt, ...] = ()
    stage_retries: int = 0
    not_retried: str | None = None
    stopped: bool = False
    not_stopped: str | None = None
    waited_for: tuple[str, ...] = ()
    target_variables: Mapping[str, str] | None = None
    missing_variables: tuple[str, ...] = ()
    source_revisions: tuple[Revision, ...] = ()
    variables: tuple[Mapping[str, str], ...] = ()
    output_variables: Mapping[str, str] = field(default_factory=dict)


def build_result(end: RunEnd) -> Result:
    """Build the result document from a run's report."""
    report, details = end.report, end.report.details
    error, message = _error_and_message(end)
    start = details.start_time or (end.execution.start_time if end.execution else None)
    # Only the execution's own times show when it ended, because polls find the end afterwards.
    ended = report.seen_at if report.outcome is Outcome.TIMED_OUT else details.end_time
    execution_id = end.execution_id
    link = execution_link(end.target, execution_id) if end.target and execution_id else None
    result = Result(
        message=message,
        outcome=report.outcome,
        error=error,
        status=cut(report.status or "", _LONGEST_STATUS) or None,
        pipeline_execution_id=execution_id,
        link=link,
        target=_target(end.target),
        run=end.run,
        run_link=run_link(end.run),
        start_time=start,
        end_time=ended,
        duration_seconds=_seconds(start, ended),
        failure=details.failure,
        also_failed=details.failures[1:],
        stop_reason=details.stop_reason,
        superseded_by=details.superseded_by,
        superseded=end.memory.superseded,
        restarted=end.memory.restarted,
        differences=details.differences,
        rollback_of=details.rollback_of,
        rolled_back_by=details.rolled_back_by,
        approvals=details.approvals,
        stages=details.stages,
        stage_retries=end.memory.stage_retries,
        not_retried=report.not_retried,
        stopped=report.stopped,
        not_stopped=report.not_stopped,
        waited_for=report.waited_for,
        target_variables=details.target_variables,
        missing_variables=details.missing_variables,
        source_revisions=details.source_revisions,
        variables=details.variables,
    )
    return replace(result, output_variables=_output_variables(result))


def to_cause(result: Result) -> str:
    """The result as the cause of a failed run. It is always valid JSON and within the limit.

    Output variables are omitted because they may be large or secret. If the JSON is still too long,
    the longest and least important fields are removed first.
    """
    short = replace(result, output_variables={}, target_variables=None)
    document = to_document(short)
    for expendable in _EXPENDABLE:
        if len(text := json.dumps(document, ensure_ascii=False)) <= LONGEST_CAUSE:
            return text
        document.pop(expendable, None)
    return json.dumps(document, ensure_ascii=False)


def _error_and_message(end: RunEnd) -> tuple[str | None, str]:
    report = end.report
    if report.outcome is Outcome.ERROR:
        error, message = explain_error(report.error or "", report.cause or "")
        # AWS's error messages may repeat text from the request.
        return error, with_show_command(plain(message, LONGEST_MESSAGE) or "", end.run)
    is_good = report.outcome.succeeded or report.accepted
    return None if is_good else report.outcome.error, end_message(end)


def explain_error(error: str, cause: str) -> tuple[str, str]:
    """The error name and message to report for a failed task.

    The orchestrator's own errors keep their name and message. All others (`States.*`, `Lambda.*`, a
    bug) become FunctionFailed.
    """
    text = lambda_error_message(cause)
    if error in OURS:
        return error, text
    return FunctionFailed.__name__, (
        f"One of the orchestrator's functions failed: {error}: "
        f"{text.rstrip('.') or 'no details'}. If the target was started, it continues. Check the "
        "run's history and the function's log. Retrying may help."
    )


def _target(target: Target | None) -> ResultTarget | None:
    if target is None:
        return None
    return ResultTarget(
        pipeline_name=target.pipeline_name,
        account=target.account,
        region=target.region,
        arn=target.arn,
        role_arn=target.role_arn,
    )


def _seconds(start: datetime | None, end: datetime | None) -> int | None:
    return round((end - start).total_seconds()) if start and end else None


def _output_variables(result: Result) -> dict[str, str]:
    own = {
        "pipelineExecutionId": result.pipeline_execution_id,
        "outcome": result.outcome,
        "status": result.status,
        "link": result.link,
        "durationSeconds": result.duration_seconds,
    }
    values = {name: str(value) for name, value in own.items() if value is not None}
    for revision in result.source_revisions[:_MOST_REVISIONS]:
        if revision.name and revision.revision_id:
            values[revision_name(revision.name)] = revision.revision_id
    return handed_back(values, result.target_variables or {})
