"""Checks whether the action that started a run is still in progress."""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from codepipeline_orchestrator.aws.answers import ActionPage, PipelineContext, read_answer
from codepipeline_orchestrator.telemetry import logger

if TYPE_CHECKING:
    from mypy_boto3_codepipeline import CodePipelineClient

_ENDED = {"Succeeded", "Failed", "Abandoned"}  # ActionExecutionStatus


def has_ended(context: PipelineContext, *, codepipeline: CodePipelineClient) -> bool:
    """Whether the invoking pipeline shows that the action has ended.

    A closed job is not proof, because an earlier attempt may have answered it without receiving
    CodePipeline's response.

    False if the action's status cannot be read, or if CodePipeline never identified the action.
    """
    try:
        statuses = _statuses(context, codepipeline)
    except (ClientError, BotoCoreError) as error:
        logger.warning("the action's status could not be read", error=str(error))
        return False
    return statuses != [] and all(status in _ENDED for status in statuses)


def _statuses(context: PipelineContext, codepipeline: CodePipelineClient) -> list[str | None]:
    name, execution_id = context.pipeline_name, context.pipeline_execution_id
    action_id = context.action.action_execution_id
    if name is None or execution_id is None or action_id is None:
        return []
    pages = codepipeline.get_paginator("list_action_executions").paginate(
        pipelineName=name, filter={"pipelineExecutionId": execution_id}
    )
    return [
        each.status
        for page in pages
        for each in read_answer(ActionPage, page).action_execution_details or ()
        if each.action_execution_id == action_id
    ]
