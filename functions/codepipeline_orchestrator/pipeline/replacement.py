"""Finds the replacement of an execution that ended because the pipeline was updated."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from codepipeline_orchestrator.errors import TargetAccessDenied
from codepipeline_orchestrator.model.state import Execution
from codepipeline_orchestrator.pipeline.executions import (
    REPLACED_WITHIN,
    execution_of,
    replacements,
)
from codepipeline_orchestrator.pipeline.listing import (
    executions_around,
    pipeline_state,
    read_execution,
)
from codepipeline_orchestrator.telemetry import logger

if TYPE_CHECKING:
    from mypy_boto3_codepipeline import CodePipelineClient

    from codepipeline_orchestrator.aws.answers import ExecutionSummary as Summary
    from codepipeline_orchestrator.model.target import Target

# Maximum number of candidates. Each costs a call, and the first is nearly always the replacement.
_MOST_READ = 20


@dataclass(frozen=True)
class Replacement:
    """The replacement, if there is one, and whether one may still begin."""

    execution: Execution | None = None
    may_come: bool = False


def find_replacement(
    target: Target,
    ended: Execution,
    version: int | None,
    *,
    now: datetime,
    codepipeline: CodePipelineClient,
) -> Replacement:
    """Find the oldest execution of a newer version that began within 5 minutes after the end.

    Until these 5 minutes have passed, a replacement may still begin if the pipeline has been
    updated since the execution began. If the role lacks permissions or the ended execution's
    `version` is unknown, no replacement is found. Raises TargetUnavailable if retrying helps.
    """
    if version is None:
        return Replacement()
    try:
        return _find(target, ended, version, now, codepipeline)
    except TargetAccessDenied as error:
        logger.warning("could not look for the execution's replacement", reason=str(error))
        return Replacement()


def _find(
    target: Target,
    ended: Execution,
    version: int,
    now: datetime,
    codepipeline: CodePipelineClient,
) -> Replacement:
    ended_id = ended.pipeline_execution_id
    listed = executions_around(target, ended_id, codepipeline=codepipeline)
    known = listed.execution(ended_id)
    began = known.start_time if known and known.start_time else ended.start_time
    if known is None or began is None:
        return Replacement()
    # If the list lacks the end time, the run does not wait for a replacement to begin.
    end = known.last_update_time or now - REPLACED_WITHIN
    candidates = replacements(listed.executions, ended_id, began=began, ended=end)
    for each in candidates[:_MOST_READ]:
        if _version(target, each, codepipeline) > version:
            return Replacement(execution_of(each))
    is_early = now < end + REPLACED_WITHIN
    return Replacement(may_come=is_early and _current_version(target, codepipeline) > version)


def _version(target: Target, summary: Summary, codepipeline: CodePipelineClient) -> int:
    execution_id = execution_of(summary).pipeline_execution_id
    return read_execution(target, execution_id, codepipeline=codepipeline).pipeline_version or 0


def _current_version(target: Target, codepipeline: CodePipelineClient) -> int:
    return pipeline_state(target, codepipeline=codepipeline).pipeline_version or 0
