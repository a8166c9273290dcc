"""The job lease: the run itself holds an unanswered job, to answer it when the target ends.

CodePipeline gives up an action that is silent for 20 minutes
(https://docs.aws.amazon.com/codepipeline/latest/userguide/limits.html). So the run answers the job
that it holds now and then, and is handed the one that CodePipeline makes next.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Self

from botocore.exceptions import BotoCoreError, ClientError

from codepipeline_orchestrator import clock
from codepipeline_orchestrator.model.documents import to_document
from codepipeline_orchestrator.telemetry import count, logger

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

    from codepipeline_orchestrator.job.job import HandOver, Job

# The state RenewJobLease waits that long; who comes later finds nobody.
_LONGEST_HAND_OVER = timedelta(minutes=5)


@dataclass(frozen=True)
class HeldJob:
    """A job that the run has to answer."""

    id: str
    action: str  # Job.action
    renew_at: datetime

    @classmethod
    def at_the_start(cls, job: Mapping[str, Any], start_time: datetime) -> Self | None:
        """The job that began the run, from the run's input; None if it was answered as it came.

        It is due at once: what is followed is to be seen in the console within seconds.
        """
        return cls(job["id"], job["action"], start_time) if job.get("held") is True else None

    @classmethod
    def handed_over(cls, job: Job, hand_over: HandOver, lease: timedelta) -> Self:
        """The next job. CodePipeline made it after the one before was answered."""
        return cls(job.id, job.action, hand_over.at + lease)


def hand_over(job: Job, *, lease: timedelta, stepfunctions: SFNClient) -> bool:
    """Hand the job over to its run, if that waits for it; whether it has taken it.

    Whatever speaks against it is no error: the job is then answered from the run's status.
    """
    waiting = job.hand_over
    if waiting is None or not lease:
        return False
    if clock.now() - waiting.at >= _LONGEST_HAND_OVER:
        count("LeasesLost")
        return False
    held = HeldJob.handed_over(job, waiting, lease)
    output = json.dumps({"heldJob": to_document(held)})
    try:
        stepfunctions.send_task_success(taskToken=waiting.task, output=output)
    except (ClientError, BotoCoreError) as error:
        logger.info("the run did not take the job", job=job.id, aws=str(error))
        count("LeasesLost")
        return False
    logger.info("handed the job over to its run", job=job.id, renewAt=held.renew_at.isoformat())
    return True
