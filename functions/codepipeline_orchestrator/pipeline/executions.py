"""The target's executions, as ListPipelineExecutions lists them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from codepipeline_orchestrator.aws.refusals import target_refused
from codepipeline_orchestrator.model.outcome import CONFIRM_FAILED, UNFINISHED

if TYPE_CHECKING:
    from mypy_boto3_codepipeline import CodePipelineClient

    from codepipeline_orchestrator.model.target import Target

# An approval waits 7 days, a disabled transition without limit; this many executions later it is
# not looked for any more.
_MOST = 1_000
_PAGE = 100

Summary = Mapping[str, Any]  # PipelineExecutionSummary


def newest_executions(
    target: Target, *, codepipeline: CodePipelineClient, most: int = _MOST
) -> list[Summary]:
    """The newest executions, newest first; `target_errors` for what AWS refuses."""
    with target_refused(target, "ListPipelineExecutions"):
        pages = codepipeline.get_paginator("list_pipeline_executions").paginate(
            pipelineName=target.pipeline_name,
            PaginationConfig={"MaxItems": most, "PageSize": min(most, _PAGE)},
        )
        return [summary for page in pages for summary in page["pipelineExecutionSummaries"]]


def action_executions(
    target: Target, execution_id: str, *, codepipeline: CodePipelineClient
) -> list[Mapping[str, Any]]:
    """All action executions of a pipeline execution, newest first; botocore's errors pass."""
    pages = codepipeline.get_paginator("list_action_executions").paginate(
        pipelineName=target.pipeline_name, filter={"pipelineExecutionId": execution_id}
    )
    return [detail for page in pages for detail in page["actionExecutionDetails"]]


def unfinished(executions: Iterable[Summary]) -> list[Summary]:
    """Those that have not ended, newest first."""
    return [each for each in executions if each["status"] in UNFINISHED]


def just_failed(executions: Iterable[Summary], now: datetime) -> list[Summary]:
    """Those that failed a moment ago: a stage with automatic retry may go on yet."""
    return [
        each
        for each in executions
        if each["status"] == "Failed"
        and (now - each["lastUpdateTime"]).total_seconds() < CONFIRM_FAILED
    ]


def started_by(executions: Iterable[Summary], session_name: str) -> Summary | None:
    """The execution that the role session of this name started, if it did.

    The trigger of an execution tells the ARN of the session that called StartPipelineExecution
    (API TriggerDetail), and a run's session name is its own.
    """
    for each in executions:
        trigger = each.get("trigger", {})
        if trigger.get("triggerType") == "StartPipelineExecution" and str(
            trigger.get("triggerDetail")
        ).endswith(f"/{session_name}"):
            return each
    return None


def successor(executions: Iterable[Summary], superseded_id: str) -> Summary | None:
    """The execution that superseded this one: the next newer that had not ended before.

    Executions never overtake each other inside a stage, so of those that were alive at that moment
    the oldest is the one that arrived in front of the same stage. None if it cannot be told.
    """
    newer: list[Summary] = []
    for each in executions:
        if each["pipelineExecutionId"] == superseded_id:
            break
        newer.append(each)
    else:
        return None
    alive = [
        other
        for other in newer
        if other.get("executionType") != "ROLLBACK"
        and (other["status"] in UNFINISHED or other["lastUpdateTime"] >= each["lastUpdateTime"])
    ]
    return alive[-1] if alive else None
