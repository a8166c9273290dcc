"""Files an action's later jobs for the run to answer."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from codepipeline_orchestrator.errors import (
    InvalidContinuationToken,
    JobsUnavailable,
    RunNotFound,
    RunStatusOutdated,
)
from codepipeline_orchestrator.job.table import Refused
from codepipeline_orchestrator.model.run_arn import run_arn
from codepipeline_orchestrator.telemetry import logger

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_stepfunctions import SFNClient

    from codepipeline_orchestrator.aws.answers import PipelineContext, RunDescription
    from codepipeline_orchestrator.job.answer import Answer
    from codepipeline_orchestrator.job.genuine import Genuine
    from codepipeline_orchestrator.job.job import Job
    from codepipeline_orchestrator.job.table import Item, JobsTable
    from codepipeline_orchestrator.job.token import Token


def file_job(
    job: Job,
    genuine: Genuine,
    *,
    state_machine_arn: str,
    jobs: JobsTable,
    stepfunctions: SFNClient,
    close_job_function: str,
    connect_lambda: Callable[[], LambdaClient],
) -> Answer | None:
    """Leave the job to its run, or return the answer if the run no longer needs the job.

    If the table is unavailable, the answer comes from the run's status. In that case, CodePipeline
    must have confirmed the token, because only the table shows which action a run belongs to.

    Raises InvalidContinuationToken, JobsUnavailable, RunNotFound, RunStatusOutdated and botocore's
    errors.
    """
    # Imported late because few jobs need it: most runs are still running when a job arrives.
    from codepipeline_orchestrator.job import answer_from_run  # noqa: PLC0415 - see above

    token = job.token
    try:
        jobs.file(token.run, job.id, token.n, token.secret, genuine.context)
    except Refused as refused:
        if refused.item is not None:
            return _answer_unfiled(refused.item, token, job, genuine.context)
        if not genuine.has_token:
            raise _of_another_action() from refused
        logger.warning("the run is not in the jobs table")
    except JobsUnavailable as error:
        if not genuine.has_token:
            raise
        logger.warning("answering the job from the run's status", reason=str(error))
    else:
        arn = run_arn(state_machine_arn, token.run)
        try:
            run = answer_from_run.read_run(arn, stepfunctions=stepfunctions)
        except RunNotFound as error:
            raise RunStatusOutdated(str(error)) from error
        if not answer_from_run.goes_on(run):
            _close(run, close_job_function, connect_lambda())
        return None
    return answer_from_run.answer_from_status(
        token, state_machine_arn=state_machine_arn, stepfunctions=stepfunctions
    )


def _answer_unfiled(item: Item, token: Token, job: Job, context: PipelineContext) -> Answer | None:
    if item.secret != token.secret or not item.may_be_of(context):
        raise _of_another_action()
    if item.answer is None:
        logger.info("the table already has a newer job of this action", job=job.id)
    return item.answer


def _of_another_action() -> InvalidContinuationToken:
    return InvalidContinuationToken(
        "The job's continuation token belongs to another action. Retry the stage to start the "
        "action again."
    )


def _close(run: RunDescription, close_job_function: str, aws_lambda: LambdaClient) -> None:
    """Send an ended run to close_job, because the event about its end may have been lost."""
    logger.info("the run has ended; close_job answers the job", status=run.status)
    detail = {
        "executionArn": run.execution_arn,
        "status": run.status,
        "redriveCount": run.redrive_count,
    }
    aws_lambda.invoke(
        FunctionName=close_job_function,
        InvocationType="Event",
        Payload=json.dumps({"detail": detail}).encode(),
    )
