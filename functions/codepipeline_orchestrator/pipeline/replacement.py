"""Finds the execution that replaced one which an update of the pipeline's definition ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from codepipeline_orchestrator.aws.refusals import target_refused
from codepipeline_orchestrator.errors import TargetAccessDenied
from codepipeline_orchestrator.model.state import Execution
from codepipeline_orchestrator.pipeline.executions import REPLACED_WITHIN, Summary, replacements
from codepipeline_orchestrator.pipeline.listing import newest_executions, read_execution
from codepipeline_orchestrator.telemetry import logger

if TYPE_CHECKING:
    from mypy_boto3_codepipeline import CodePipelineClient
    from mypy_boto3_codepipeline.type_defs import PipelineExecutionTypeDef

    from codepipeline_orchestrator.model.target import Target

_MOST_READ = 20  # candidates, each with a call; the replacement is nearly always the first


@dataclass(frozen=True)
class Replacement:
    """The replacement, or whether one may still come."""

    execution: Execution | None = None
    may_come: bool = False


def find_replacement(
    target: Target,
    ended: PipelineExecutionTypeDef,
    *,
    now: datetime,
    codepipeline: CodePipelineClient,
) -> Replacement:
    """The oldest execution of a newer version that began no later than 5 minutes after the end.

    One may come until then, if the pipeline has been updated since the execution began. Without
    the permissions to look there is none. Raises TargetUnavailable: trying again helps.
    """
    try:
        return _find(target, ended, now, codepipeline)
    except TargetAccessDenied as error:
        logger.warning("whether the execution was replaced is not known", reason=str(error))
        return Replacement()


def _find(
    target: Target,
    ended: PipelineExecutionTypeDef,
    now: datetime,
    codepipeline: CodePipelineClient,
) -> Replacement:
    version, execution_id = ended.get("pipelineVersion"), ended["pipelineExecutionId"]
    if version is None:
        return Replacement()
    executions = newest_executions(target, codepipeline=codepipeline)
    for each in replacements(executions, execution_id)[:_MOST_READ]:
        if _version(target, each, codepipeline) > version:
            return Replacement(Execution(each["pipelineExecutionId"], each["startTime"]))
    end = next(
        (
            each["lastUpdateTime"]
            for each in executions
            if each["pipelineExecutionId"] == execution_id
        ),
        None,
    )
    is_early = end is not None and now < end + REPLACED_WITHIN
    return Replacement(may_come=is_early and _current_version(target, codepipeline) > version)


def _version(target: Target, summary: Summary, codepipeline: CodePipelineClient) -> int:
    found = read_execution(target, summary["pipelineExecutionId"], codepipeline=codepipeline)
    return found.get("pipelineVersion", 0)


def _current_version(target: Target, codepipeline: CodePipelineClient) -> int:
    with target_refused(target, "GetPipelineState"):
        state = codepipeline.get_pipeline_state(name=target.pipeline_name)
    return state.get("pipelineVersion", 0)
