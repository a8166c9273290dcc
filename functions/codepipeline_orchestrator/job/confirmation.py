"""Confirms, before a run starts anything, that its action waits for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from codepipeline_orchestrator.errors import InvalidInput
from codepipeline_orchestrator.job.action import has_ended
from codepipeline_orchestrator.job.answer import answer_job
from codepipeline_orchestrator.job.renewal import Renewal
from codepipeline_orchestrator.job.table import Refused
from codepipeline_orchestrator.model.action_job import ActionJob
from codepipeline_orchestrator.model.documents import from_document

if TYPE_CHECKING:
    from mypy_boto3_codepipeline import CodePipelineClient

    from codepipeline_orchestrator.job.table import Item, JobsTable


def confirm(
    event: Mapping[str, Any], *, jobs: JobsTable, codepipeline: CodePipelineClient, now: datetime
) -> Renewal:
    """The run's job, confirmed, or that the run is to go on without one.

    From now on, close_job does not say that the run never began. The event is the payload of the
    state ConfirmAction. A confirmation that is not the first also asks whether the action is still
    in progress. Raises InvalidInput if the run was not started for a job; JobsUnavailable and
    JobUnanswered when trying again helps.
    """
    job = from_document(ActionJob, event["job"])
    run = event["run"].rpartition(":")[2]
    is_redriven = event["redrives"] > 0
    try:
        item = jobs.begin(run, job.digest)
    except Refused as refused:
        item = _answered(refused.item, job)
        if item.answer is not None:  # whoever set it may have died before giving it
            answer_job(item.job, item.answer, codepipeline=codepipeline)
        # Whoever redrove the run wants more of it than the answer.
        return Renewal(None, abandoned=not is_redriven)
    asks = is_redriven or job.confirmed_at is not None
    if asks and has_ended(item.context, codepipeline=codepipeline):
        return Renewal(None, abandoned=True)
    return Renewal(replace(job, confirmed_at=now))


def _answered(item: Item | None, job: ActionJob) -> Item:
    """The item, which has an answer. Raises InvalidInput if it is not this run's."""
    if item is None or item.digest != job.digest:
        raise InvalidInput(
            "job: reserved for the CodePipelineJob function. Start a run with the input itself: "
            '{"pipelineName": "MyPipeline"}. If an action asked for this run, the jobs table was '
            "replaced in the meantime: retry the stage. Nothing was started."
        )
    return item
