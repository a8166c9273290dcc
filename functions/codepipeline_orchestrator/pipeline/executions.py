"""Selects from the target's executions, which `listing` sorts by start time, newest first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from codepipeline_orchestrator.model.outcome import CONFIRM_FAILED, is_end
from codepipeline_orchestrator.model.state import Execution

if TYPE_CHECKING:
    from codepipeline_orchestrator.aws.answers import ExecutionSummary as Summary

_EPOCH = datetime.fromtimestamp(0, UTC)
_ROLLBACKS = {"ManualRollback", "AutomatedRollback"}


def execution_of(summary: Summary) -> Execution:
    """The execution to follow. Its summary must have an id."""
    assert summary.pipeline_execution_id is not None
    return Execution(summary.pipeline_execution_id, summary.start_time)


def latest(executions: Iterable[Summary], after: datetime | None) -> Summary | None:
    """The execution that began last, at or after `after` if it is given.

    An execution without a start time is selected only if no execution has one.
    """
    counting = [
        each
        for each in executions
        if each.pipeline_execution_id is not None
        and (after is None or (each.start_time is not None and each.start_time >= after))
    ]
    return max(counting, key=lambda each: each.start_time or _EPOCH, default=None)


def unfinished(executions: Iterable[Summary]) -> list[Summary]:
    """The executions that have not ended, newest first. Includes unknown statuses."""
    return [each for each in executions if each.status is not None and not is_end(each.status)]


def just_failed(executions: Iterable[Summary], now: datetime) -> list[Summary]:
    """The executions that have just failed. A failed stage may be retried automatically."""
    return [
        each
        for each in executions
        if each.status == "Failed"
        and each.last_update_time is not None
        and (now - each.last_update_time).total_seconds() < CONFIRM_FAILED
    ]


def started_by(executions: Iterable[Summary], session_name: str) -> Summary | None:
    """The execution that the role session with this name started, or None if it started none.

    An execution's trigger (triggerDetail in the API) contains the ARN of the session that called
    StartPipelineExecution, and each run has its own session name.
    """
    for each in executions:
        is_started = each.trigger.trigger_type == "StartPipelineExecution"
        by = each.trigger.trigger_detail or ""
        if each.pipeline_execution_id and is_started and by.endswith(f"/{session_name}"):
            return each
    return None


def is_rollback(execution: Summary) -> bool:
    """Whether the execution is a rollback to an earlier one."""
    return (
        execution.execution_type == "ROLLBACK"
        or execution.trigger.trigger_type in _ROLLBACKS
        or execution.rollback_metadata.rollback_target_pipeline_execution_id is not None
    )


def successor(
    executions: Sequence[Summary], superseded_id: str, began: datetime | None = None
) -> Summary | None:
    """The execution that superseded this one, or None if that is unknown.

    Executions never overtake each other inside a stage, so the result is the oldest of the newer
    executions that were in progress when this one was superseded. `began` is the superseded
    execution's start time, in case the list lacks it.
    """
    superseded = _of(executions, superseded_id)
    start = superseded.start_time or began if superseded else None
    if superseded is None or start is None:
        return None
    alive = [
        each
        for each in executions
        if each is not superseded
        and not is_rollback(each)
        and not _is_before(each.start_time, start)
        and not _had_ended(each, superseded.last_update_time)
    ]
    return _oldest(alive)


def _of(executions: Iterable[Summary], execution_id: str) -> Summary | None:
    return next((each for each in executions if each.pipeline_execution_id == execution_id), None)


def _is_before(moment: datetime | None, other: datetime | None) -> bool:
    return moment is not None and other is not None and moment < other


def _had_ended(execution: Summary, at: datetime | None) -> bool:
    has_ended = execution.status is not None and is_end(execution.status)
    return has_ended and _is_before(execution.last_update_time, at)


def _oldest(executions: Sequence[Summary]) -> Summary | None:
    """The execution that began first, or None if a start time is missing."""
    if any(each.start_time is None for each in executions):
        return None
    oldest = min(executions, key=lambda each: each.start_time or _EPOCH, default=None)
    is_known = oldest is not None and oldest.pipeline_execution_id is not None
    return oldest if is_known else None


# How long after an execution's end its replacement may begin. The update that ended the execution
# starts the replacement within seconds, but clocks differ.
REPLACED_WITHIN = timedelta(minutes=5)


def replacements(
    executions: Iterable[Summary], ended_id: str, *, began: datetime, ended: datetime
) -> list[Summary]:
    """The possible replacements of an execution that a pipeline update ended, oldest first.

    Only the pipelineVersion, which the list lacks, shows whether one of them is the replacement.
    The result is empty if it is unknown which execution is the oldest.
    """
    possible = [
        each
        for each in executions
        if each.pipeline_execution_id != ended_id
        and not is_rollback(each)
        and (each.start_time is None or began < each.start_time <= ended + REPLACED_WITHIN)
        and not _had_ended(each, began)
    ]
    if any(each.start_time is None or each.pipeline_execution_id is None for each in possible):
        return []  # an execution whose start or id is unknown may be the oldest
    return sorted(possible, key=lambda each: each.start_time or _EPOCH)


def rollback_of(executions: Iterable[Summary], failed_id: str) -> str | None:
    """The id of the execution that rolls back the stage in which this one failed.

    https://docs.aws.amazon.com/codepipeline/latest/userguide/stage-rollback.html
    """
    for each in executions:
        is_automatic = each.trigger.trigger_type == "AutomatedRollback"
        if is_automatic and failed_id in (each.trigger.trigger_detail or ""):
            return each.pipeline_execution_id
    return None
