"""Receives CodePipeline's jobs. Starts a run for an action's first job and files the later ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from codepipeline_orchestrator.aws import clients
from codepipeline_orchestrator.errors import (
    BetweenStates,
    InvalidContinuationToken,
    JobNotGenuine,
    OrchestratorError,
)
from codepipeline_orchestrator.job.answer import Answer, answer_job, refusal
from codepipeline_orchestrator.job.genuine import compare
from codepipeline_orchestrator.job.job import Job
from codepipeline_orchestrator.job.next_job import file_job
from codepipeline_orchestrator.job.table import JobsTable
from codepipeline_orchestrator.telemetry import bind_run, logged, logger

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_lambda_powertools.utilities.typing import LambdaContext
    from mypy_boto3_codepipeline import CodePipelineClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_stepfunctions import SFNClient


@logged
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    """Handle the job in the event, or raise an error so that Lambda retries the event."""
    take(
        Job.of(event, context.invoked_function_arn),
        state_machine_arn=clients.required("STATE_MACHINE_ARN"),
        close_job_function=clients.required("CLOSE_JOB_FUNCTION"),
        jobs=JobsTable(clients.required("JOBS_TABLE"), clients.dynamodb()),
        stepfunctions=clients.stepfunctions(),
        codepipeline=clients.codepipeline(),
        connect_lambda=clients.aws_lambda,
    )


def take(
    job: Job,
    *,
    state_machine_arn: str,
    close_job_function: str,
    jobs: JobsTable,
    stepfunctions: SFNClient,
    codepipeline: CodePipelineClient,
    connect_lambda: Callable[[], LambdaClient],
) -> None:
    """Leave the job to its run, or answer it.

    A mistake in the action's input fails the action immediately. An event that is not from
    CodePipeline is ignored. Any other error is raised without answering the job. Lambda then
    retries the event after one minute and again two minutes later, and finally sends it to
    close_job.
    """
    # Log lines carry the job's id until the run's name is known.
    bind_run(job.id)
    try:
        genuine = compare(job, state_machine_arn=state_machine_arn, codepipeline=codepipeline)
    except JobNotGenuine:
        return
    reply: Answer | None = None
    try:
        if job.begins:
            # Only first jobs need pydantic, whose import would slow down all later jobs.
            from codepipeline_orchestrator.job.first_job import start_run  # noqa: PLC0415 - see above

            start_run(
                job,
                genuine.context,
                state_machine_arn=state_machine_arn,
                jobs=jobs,
                stepfunctions=stepfunctions,
                codepipeline=codepipeline,
            )
        else:
            bind_run(job.token.run)
            reply = file_job(
                job,
                genuine,
                state_machine_arn=state_machine_arn,
                jobs=jobs,
                stepfunctions=stepfunctions,
                close_job_function=close_job_function,
                connect_lambda=connect_lambda,
            )
    except BetweenStates:
        raise
    except OrchestratorError as error:
        if isinstance(error, InvalidContinuationToken) and not genuine.may_be_blamed(job):
            return
        logger.warning("the action fails", error=type(error).__name__, reason=str(error))
        reply = refusal(error, run=job.id)
    if reply is not None:
        answer_job(job.id, reply, codepipeline=codepipeline)
