"""Renews a run's job. A renewal answers the job so that CodePipeline creates the next one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from codepipeline_orchestrator.job.action import has_ended
from codepipeline_orchestrator.job.answer import answer_job
from codepipeline_orchestrator.job.still_running import still_running
from codepipeline_orchestrator.job.token import Token
from codepipeline_orchestrator.model.action_job import AGAIN, RENEWAL, ActionJob
from codepipeline_orchestrator.model.documents import from_document, to_document
from codepipeline_orchestrator.model.request import LeaveOrStop
from codepipeline_orchestrator.model.snapshot import Snapshot
from codepipeline_orchestrator.telemetry import count, logger

if TYPE_CHECKING:
    from mypy_boto3_codepipeline import CodePipelineClient

    from codepipeline_orchestrator.job.table import Item, JobsTable


@dataclass(frozen=True)
class Renewal:
    """The result of a renewal or a confirmation."""

    job: ActionJob | None  # None if no action waits for the run
    abandoned: bool = False  # whether onAbort applies because the action ended before its run

    @property
    def changes(self) -> dict[str, Any]:
        """The changes to the run's state."""
        return {"job": to_document(self.job), "abandoned": self.abandoned}


def renew(
    event: Mapping[str, Any], *, jobs: JobsTable, codepipeline: CodePipelineClient, now: datetime
) -> Renewal:
    """Answer the newest job of the run's action. `event` is the payload of the RenewJob state.

    If no job could be answered, the next renewal is due in two minutes. Raises
    JobsUnavailable and JobUnanswered if retrying helps.
    """
    job = from_document(ActionJob, event["job"])
    run = event["run"].rpartition(":")[2]
    item = jobs.read(run)
    if item is None or item.digest != job.digest:
        logger.warning("the run is not in the jobs table and continues without a job")
        return Renewal(None)
    if item.answer is not None:
        # close_job wrote this answer before the run was redriven.
        answer_job(item.job, item.answer, codepipeline=codepipeline)
        return Renewal(None)
    if item.n <= job.renewed and not job.next_is_late(now):
        return Renewal(replace(job, renew_at=now + AGAIN))
    renewed = item.n > job.renewed and _answered(event, item, run, codepipeline)
    asks = not renewed or (job.is_due(now) and _matters(event))
    if asks and has_ended(item.context, codepipeline=codepipeline):
        logger.info("the action that started this run has ended")
        return Renewal(None, abandoned=True)
    if not renewed:
        return Renewal(replace(job, renew_at=now + AGAIN))
    count("JobsRenewed")
    return Renewal(replace(job, renew_at=now + RENEWAL, renewed=item.n, renewed_at=now))


def _answered(
    event: Mapping[str, Any], item: Item, run: str, codepipeline: CodePipelineClient
) -> bool:
    snapshot = event.get("snapshot")
    answer = still_running(
        event["run"],
        Token(run, item.secret, item.n + 1),
        pipeline_name=event["target"]["pipelineName"],
        snapshot=from_document(Snapshot, snapshot) if snapshot else None,
    )
    return answer_job(item.job, answer, codepipeline=codepipeline)


def _matters(event: Mapping[str, Any]) -> bool:
    on_abort = event["request"].get("onAbort", LeaveOrStop.LEAVE)
    return LeaveOrStop(on_abort).stops or event["execution"] is None
