"""Confirms, before a run starts anything, that its action is still waiting for it."""

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
    """Confirm the run's job and return it, or None if the run continues without one.

    After the first confirmation, close_job no longer reports that the run never began. `event` is
    the payload of the ConfirmAction state. Every confirmation except the first also checks whether
    the action is still in progress. Raises InvalidInput if the run was not started for a job, and
    JobsUnavailable or JobUnanswered if retrying helps.
    """
    job = from_document(ActionJob, event["job"])
    run = event["run"].rpartition(":")[2]
    is_redriven = event["redrives"] > 0
    try:
        item = jobs.begin(run, job.digest)
    except Refused as refused:
        item = _answered(refused.item, job)
        if item.answer is not None:  # the function that stored it may have died before sending it
            answer_job(item.job, item.answer, codepipeline=codepipeline)
        # A redriven run should continue, not just answer its job.
        return Renewal(None, abandoned=not is_redriven)
    asks = is_redriven or job.confirmed_at is not None
    if asks and has_ended(item.context, codepipeline=codepipeline):
        return Renewal(None, abandoned=True)
    return Renewal(replace(job, confirmed_at=now))


def _answered(item: Item | None, job: ActionJob) -> Item:
    """Return the run's item. Raises InvalidInput if the item belongs to another run."""
    if item is None or item.digest != job.digest:
        raise InvalidInput(
            "job: reserved for the CodePipelineJob function. Nothing was started. Start a run with "
            'the input itself: {"pipelineName": "MyPipeline"}. If an action started this run, the '
            "jobs table has been replaced since then, so retry the stage."
        )
    return item
