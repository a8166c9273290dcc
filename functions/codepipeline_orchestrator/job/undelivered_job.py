"""Answers the job of an event that codepipeline_job could not deal with, at the last attempt."""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from codepipeline_orchestrator.aws.client_errors import is_denied
from codepipeline_orchestrator.errors import OrchestratorError, RunNotFound, RunStatusOutdated
from codepipeline_orchestrator.job.answer import Answer, Failure, StillRunning, answer_job, refusal
from codepipeline_orchestrator.job.answer_from_run import answer_from_status
from codepipeline_orchestrator.job.job import Job
from codepipeline_orchestrator.job.ownership import is_ours
from codepipeline_orchestrator.telemetry import bind_run, logger

if TYPE_CHECKING:
    from mypy_boto3_codepipeline import CodePipelineClient
    from mypy_boto3_stepfunctions import SFNClient


def close(
    job: Job,
    *,
    why: str,
    state_machine_arn: str,
    stepfunctions: SFNClient,
    codepipeline: CodePipelineClient,
) -> None:
    """Answer the job from its run's status if there is a run, else as SystemUnavailable.

    A run that goes on, or whose status cannot be read for the moment, is not given up: the job is
    answered with its token, and the next poll finds the functions in better health. A job of
    another account is ignored.
    """
    if not is_ours(job, state_machine_arn):
        return
    try:
        bind_run(job.id)  # a foreign token names no run
        bind_run(job.run)
        reply = _from_status(job, why, state_machine_arn, stepfunctions)
    except OrchestratorError as error:
        reply = refusal(error, run=job.id)
    answer_job(job.id, reply, codepipeline=codepipeline)


def _from_status(job: Job, why: str, state_machine_arn: str, stepfunctions: SFNClient) -> Answer:
    try:
        return answer_from_status(
            job, state_machine_arn=state_machine_arn, stepfunctions=stepfunctions
        )
    except (ClientError, BotoCoreError, RunStatusOutdated) as error:
        logger.warning("the run's status is not known", error=str(error))
        if not (isinstance(error, ClientError) and is_denied(error)):
            # Throttled or down: the run may be well, and the next poll may learn so.
            summary = f"The status of the run {job.run} cannot be read at present; asking again."
            return StillRunning(job.token(), summary, job.run)
        return _given_up(job, why, str(error))
    except RunNotFound as error:
        return _given_up(job, why, str(error) if job.continuation_token else "It never began.")


def _given_up(job: Job, why: str, reason: str) -> Failure:
    return Failure(
        "SystemUnavailable",
        f"The orchestrator could not deal with this job ({why}), and its run {job.run} cannot tell "
        f"the outcome: {reason} Look at the log of the CodePipelineJob function; then retry the "
        "stage.",
        job.run,
    )
