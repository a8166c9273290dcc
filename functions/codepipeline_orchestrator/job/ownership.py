"""Tells whether a job can be answered from this account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codepipeline_orchestrator.model.target import Place
from codepipeline_orchestrator.telemetry import count, logger

if TYPE_CHECKING:
    from codepipeline_orchestrator.job.job import Job


def is_ours(job: Job, state_machine_arn: str) -> bool:
    """Whether the job belongs to the account of this deployment; if not, log and count it.

    PutJobSuccessResult and PutJobFailureResult answer jobs of the caller's account. The answer to
    a job of another account would go to the wrong one, so such a job must not start anything.
    """
    account = Place.of(state_machine_arn).account
    if job.account in {account, None}:
        return True
    logger.warning(
        "the job is ignored: it belongs to another account, so it cannot be answered from here",
        job=job.id,
        jobAccount=job.account,
        account=account,
    )
    count("JobsIgnored", job=job.id)
    return False
