"""Reads a pipeline's executions, and the actions of one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from codepipeline_orchestrator.aws.refusals import target_refused

if TYPE_CHECKING:
    from mypy_boto3_codepipeline import CodePipelineClient
    from mypy_boto3_codepipeline.type_defs import PipelineExecutionTypeDef

    from codepipeline_orchestrator.model.target import Target
    from codepipeline_orchestrator.pipeline.executions import Summary

# An approval waits 7 days, a disabled transition without limit; this many executions later it is
# not looked for any more.
_MOST = 1_000
_PAGE = 100


def newest_executions(
    target: Target, *, codepipeline: CodePipelineClient, most: int = _MOST
) -> list[Summary]:
    """The newest executions, newest first; raises as target_refused does."""
    with target_refused(target, "ListPipelineExecutions"):
        pages = codepipeline.get_paginator("list_pipeline_executions").paginate(
            pipelineName=target.pipeline_name,
            PaginationConfig={"MaxItems": most, "PageSize": min(most, _PAGE)},
        )
        return [summary for page in pages for summary in page["pipelineExecutionSummaries"]]


def read_execution(
    target: Target, execution_id: str, *, codepipeline: CodePipelineClient
) -> PipelineExecutionTypeDef:
    """The execution with this id. Raises what `target_refused` makes of AWS's refusals."""
    with target_refused(target, "GetPipelineExecution"):
        return codepipeline.get_pipeline_execution(
            pipelineName=target.pipeline_name, pipelineExecutionId=execution_id
        )["pipelineExecution"]


def action_executions(
    target: Target, execution_id: str, *, codepipeline: CodePipelineClient
) -> list[Mapping[str, Any]]:
    """All action executions of a pipeline execution, newest first; botocore's errors pass."""
    pages = codepipeline.get_paginator("list_action_executions").paginate(
        pipelineName=target.pipeline_name, filter={"pipelineExecutionId": execution_id}
    )
    return [detail for page in pages for detail in page["actionExecutionDetails"]]
