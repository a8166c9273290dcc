"""Answers a job whose event codepipeline_job could not handle, even after retries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from codepipeline_orchestrator.aws.client_errors import is_denied
from codepipeline_orchestrator.errors import (
    InvalidContinuationToken,
    RunNotFound,
    RunStatusOutdated,
)
from codepipeline_orchestrator.job.answer import (
    Answer,
    Failure,
    StillRunning,
    answer_job,
    refusal,
)
from codepipeline_orchestrator.job.answer_from_run import (
    answer_from_status,
    digest_in,
    end_of_run,
    goes_on,
    read_run,
)
from codepipeline_orchestrator.job.genuine import Genuine, compare
from codepipeline_orchestrator.job.table import Refused
from codepipeline_orchestrator.model.run_arn import run_arn
from codepipeline_orchestrator.telemetry import bind_run, logger

if TYPE_CHECKING:
    from mypy_boto3_codepipeline import CodePipelineClient
    from mypy_boto3_stepfunctions import SFNClient

    from codepipeline_orchestrator.job.job import Job
    from codepipeline_orchestrator.job.table import Item, JobsTable
    from codepipeline_orchestrator.job.token import Token


def close_undelivered(
    job: Job,
    *,
    why: str,
    state_machine_arn: str,
    jobs: JobsTable,
    stepfunctions: SFNClient,
    codepipeline: CodePipelineClient,
) -> None:
    """Answer the job from the status of its run, or with SystemUnavailable if there is no run.

    Raises JobNotGenuine if the job must not be answered. Raises JobsUnavailable, RunStatusOutdated
    and botocore's errors if the event has to be retried.
    """
    # Log lines carry the job's id until the run's name is known.
    bind_run(job.id)
    genuine = compare(job, state_machine_arn=state_machine_arn, codepipeline=codepipeline)
    if job.begins:
        never = _given_up(job.id, why, "the run never began")
        item = _closed_first(job.id, never, state_machine_arn, jobs, stepfunctions)
        if item is not None and item.answer is not None:
            answer_job(item.job, item.answer, codepipeline=codepipeline)
        return
    try:
        token = job.token
        bind_run(token.run)
        if not genuine.has_token:
            _require_same_action(token, genuine, jobs)
        reply = _from_status(token, why, state_machine_arn, stepfunctions)
    except InvalidContinuationToken as error:
        if not genuine.may_be_blamed(job):
            return
        reply = refusal(error, run=job.id)
    answer_job(job.id, reply, codepipeline=codepipeline)


def _require_same_action(token: Token, genuine: Genuine, jobs: JobsTable) -> None:
    """Raise InvalidContinuationToken unless the table shows that the token belongs to this action.

    CodePipeline has not confirmed the token, so it may belong to another action.
    """
    item = jobs.read(token.run)
    if item is None or item.secret != token.secret or not item.may_be_of(genuine.context):
        raise InvalidContinuationToken  # not reported, because the action must not fail for it


def _closed_first(
    run: str, never: Failure, state_machine_arn: str, jobs: JobsTable, stepfunctions: SFNClient
) -> Item | None:
    """The item of a run that has ended or never began, or None if the run will answer the job."""
    try:
        found = read_run(run_arn(state_machine_arn, run), stepfunctions=stepfunctions)
    except RunNotFound:
        try:
            return jobs.end_unbegun(run, run, never)
        except Refused as error:
            # According to its API reference, DescribeExecution is eventually consistent.
            raise RunStatusOutdated(f"The run {run} has begun but cannot be read yet.") from error
    if goes_on(found):
        return None
    try:
        return jobs.end(run, digest_in(found) or "", end_of_run(found))
    except Refused:
        logger.warning("the run is not in the jobs table")
        return None


def _from_status(
    token: Token, why: str, state_machine_arn: str, stepfunctions: SFNClient
) -> Answer:
    """The answer from the run's status, or a continuation if the status cannot be read yet.

    After a continuation, CodePipeline creates another job, and reading the run may succeed then.
    """
    try:
        return answer_from_status(
            token, state_machine_arn=state_machine_arn, stepfunctions=stepfunctions
        )
    except (ClientError, BotoCoreError, RunStatusOutdated) as error:
        logger.warning("the run's status could not be read", error=str(error))
        if isinstance(error, ClientError) and is_denied(error):
            return _given_up(token.run, why, str(error))
        summary = f"The status of the run {token.run} could not be read. Retrying."
        return StillRunning(token.following().text, summary, token.run)
    except RunNotFound as error:
        return _given_up(token.run, why, str(error))


def _given_up(run: str, why: str, reason: str) -> Failure:
    return Failure(
        "SystemUnavailable",
        f"The orchestrator could not handle this job ({why}), and the outcome of its run {run} is "
        f"unknown: {reason.rstrip('.')}. Check the log of the CodePipelineJob function, then retry "
        "the stage.",
        run,
    )
