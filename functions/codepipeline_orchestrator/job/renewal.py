"""Renews the job lease: answers the job that the run holds, so that CodePipeline makes the next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from codepipeline_orchestrator import clock
from codepipeline_orchestrator.aws.answers import (
    ActionPage,
    JobAnswer,
    PipelineContext,
    read_answer,
)
from codepipeline_orchestrator.errors import InvokingActionEnded, JobLeaseLost
from codepipeline_orchestrator.job.answer import StillRunning, answer_job
from codepipeline_orchestrator.job.lease import HeldJob
from codepipeline_orchestrator.job.still_running import still_running
from codepipeline_orchestrator.job.token import plain_token, token_with_task
from codepipeline_orchestrator.model.documents import from_document
from codepipeline_orchestrator.model.request import LeaveOrStop
from codepipeline_orchestrator.model.snapshot import Snapshot
from codepipeline_orchestrator.telemetry import count, logger

if TYPE_CHECKING:
    from mypy_boto3_codepipeline import CodePipelineClient

_ENDED = {"Succeeded", "Failed", "Abandoned"}  # ActionExecutionStatus


def renew(event: Mapping[str, Any], *, codepipeline: CodePipelineClient) -> None:
    """Answer the held job with a token that names the task which waits for the next one.

    Raises JobLeaseLost when the run holds no job any more, InvokingActionEnded when moreover
    nobody waits for it and that matters, JobUnanswered when trying again helps.
    """
    job = from_document(HeldJob, event["heldJob"])
    run = event["run"].rpartition(":")[2]
    token = token_with_task(run=run, action=job.action, task=event["taskToken"], at=clock.now())
    plain = plain_token(run=run, action=job.action)
    renewed = answer_job(job.id, _going_on(event, token or plain), codepipeline=codepipeline)
    if not renewed:
        if _matters(event) and _action_has_ended(job, codepipeline):
            raise InvokingActionEnded(
                "The action that asked for this run is no longer in progress: it was abandoned, "
                "or CodePipeline gave it up."
            )
        count("LeasesLost")
        raise JobLeaseLost(f"The job {job.id} had been answered before.")
    if token is None:
        count("LeasesLost")
        raise JobLeaseLost("The next job will not be handed over: the task's token is too long.")
    count("LeasesRenewed")


def _going_on(event: Mapping[str, Any], token: str) -> StillRunning:
    snapshot = event.get("snapshot")
    return still_running(
        event["run"],
        token,
        pipeline_name=event["target"]["pipelineName"],
        snapshot=from_document(Snapshot, snapshot) if snapshot else None,
    )


def _matters(event: Mapping[str, Any]) -> bool:
    """Whether a run that nobody waits for is to do otherwise: stop its target, or not start it."""
    on_abort = event["request"].get("onAbort", LeaveOrStop.LEAVE)
    return LeaveOrStop(on_abort).stops or event["execution"] is None


def _action_has_ended(job: HeldJob, codepipeline: CodePipelineClient) -> bool:
    """Whether the invoking pipeline shows it; False if that cannot be read.

    A job may have been answered although its action goes on: by an attempt whose own answer was
    lost, for example. Only the action's status tells.
    """
    try:
        details = codepipeline.get_job_details(jobId=job.id)
        context = read_answer(JobAnswer, details).job_details.data.pipeline_context
        statuses = _statuses(context, codepipeline)
    except (ClientError, BotoCoreError) as error:
        logger.warning("whether the action goes on is not known", error=str(error))
        return False
    return statuses != [] and all(status in _ENDED for status in statuses)


def _statuses(context: PipelineContext, codepipeline: CodePipelineClient) -> list[str | None]:
    """Of the action's executions in the invoking pipeline; none if AWS does not say which it is."""
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
