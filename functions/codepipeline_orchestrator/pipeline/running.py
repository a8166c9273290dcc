"""Finds the executions in progress in a pipeline, and whether the list is complete."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from codepipeline_orchestrator.aws.answers import ExecutionSummary, StageState
from codepipeline_orchestrator.errors import (
    OrchestratorError,
    PipelineExecutionNotFound,
    TargetUnavailable,
)
from codepipeline_orchestrator.model.outcome import UNFINISHED, is_end
from codepipeline_orchestrator.pipeline.executions import unfinished
from codepipeline_orchestrator.pipeline.listing import Listed, pipeline_state, read_status
from codepipeline_orchestrator.telemetry import logger

if TYPE_CHECKING:
    from mypy_boto3_codepipeline import CodePipelineClient

    from codepipeline_orchestrator.model.target import Target

_MOST_READ_SEPARATELY = 10  # maximum number of statuses to read with separate calls
_WITH_STATE = {"QUEUED", "SUPERSEDED"}  # execution modes whose executions GetPipelineState shows


@dataclass(frozen=True)
class Running:
    """The executions in progress, newest first, and whether the list is known to be complete."""

    executions: tuple[ExecutionSummary, ...]
    is_certain: bool


def find_running(target: Target, listed: Listed, *, codepipeline: CodePipelineClient) -> Running:
    """Find the target's executions in progress, given the executions that a run has read.

    If that list is incomplete, GetPipelineState shows what is in progress. It does not show a
    PARALLEL pipeline's executions, so in that case the result is uncertain.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/execution-modes.html
    Raises TargetUnavailable if the status of an execution cannot be read. Retrying may help.
    """
    told = _with_statuses(target, listed.executions, codepipeline)
    running = tuple(unfinished(told))
    is_certain = all(each.status is not None for each in told)
    if running or listed.is_whole:
        return Running(running, is_certain)
    try:
        stages = pipeline_state(target, codepipeline=codepipeline).stage_states
    except OrchestratorError as error:
        logger.warning("the pipeline's state could not be read", reason=str(error))
        return Running((), is_certain=False)
    has_state = bool(stages) and all(each.execution_mode in _WITH_STATE for each in told)
    return Running(tuple(_in_stages(stages)), is_certain and has_state)


def _with_statuses(
    target: Target, executions: Sequence[ExecutionSummary], codepipeline: CodePipelineClient
) -> list[ExecutionSummary]:
    """The executions, with missing and unknown statuses read one by one if possible."""
    told, asked = [], 0
    for each in executions:
        execution_id = each.pipeline_execution_id
        status = each.status
        is_known = status is not None and (status in UNFINISHED or is_end(status))
        if not is_known and execution_id is not None and asked < _MOST_READ_SEPARATELY:
            asked += 1
            status = _status(target, execution_id, codepipeline) or status
        told.append(replace(each, status=status))
    return told


def _status(target: Target, execution_id: str, codepipeline: CodePipelineClient) -> str | None:
    """The status from GetPipelineExecution, or None if the role may not read it.

    An execution that no longer exists has ended.
    """
    try:
        return read_status(target, execution_id, codepipeline=codepipeline)
    except TargetUnavailable:
        raise
    except PipelineExecutionNotFound:
        return "Stopped"
    except OrchestratorError as error:
        logger.warning("the status of an execution could not be read", reason=str(error))
        return None


def _in_stages(stages: Sequence[StageState]) -> Iterator[ExecutionSummary]:
    seen: set[str] = set()
    for stage in reversed(stages):  # older executions are in later stages
        inbound = (*stage.inbound_executions, stage.inbound_execution)
        for shown in (stage.latest_execution, *inbound):
            execution_id, status = shown.pipeline_execution_id, shown.status
            if execution_id is None or execution_id in seen or status not in UNFINISHED:
                continue
            seen.add(execution_id)
            yield ExecutionSummary(execution_id, status, execution_type=shown.type)
