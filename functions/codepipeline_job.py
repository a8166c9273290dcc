"""Answers CodePipeline: starts a run for a new job, answers a later one from its run's status."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from codepipeline_orchestrator.aws import clients
from codepipeline_orchestrator.errors import OrchestratorError, RunStatusOutdated
from codepipeline_orchestrator.job.answer import Answer, answer_job, refusal
from codepipeline_orchestrator.job.job import Job
from codepipeline_orchestrator.job.lease import hand_over
from codepipeline_orchestrator.job.ownership import is_ours
from codepipeline_orchestrator.telemetry import bind_run, logged, logger

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_lambda_powertools.utilities.typing import LambdaContext
    from mypy_boto3_codepipeline import CodePipelineClient
    from mypy_boto3_stepfunctions import SFNClient


@logged
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    """Answer the job in the event, or raise so that Lambda brings the event back."""
    job = Job.of(event, context.invoked_function_arn)
    answer(
        job,
        lease=timedelta(minutes=int(clients.required("JOB_LEASE_MINUTES"))),
        state_machine_arn=clients.required("STATE_MACHINE_ARN"),
        stepfunctions=clients.stepfunctions(),
        connect_codepipeline=clients.codepipeline,
    )


def answer(
    job: Job,
    *,
    lease: timedelta,
    state_machine_arn: str,
    stepfunctions: SFNClient,
    connect_codepipeline: Callable[[], CodePipelineClient],
) -> None:
    """Answer the job, or leave it to its run. What is wrong with the action fails it at once.

    A job of another account is ignored. A job that its run takes is nothing to CodePipeline yet,
    so no client is made for it.

    Any other error is raised before the job has been answered: Lambda then brings the same job
    back, after a minute and after two more, and finally hands it to close_job.
    """
    if not is_ours(job, state_machine_arn):
        return
    try:
        bind_run(job.id)  # a foreign token names no run
        bind_run(job.run)
        if job.begins:
            # Only a new job is parsed: pydantic would slow down every poll.
            from codepipeline_orchestrator.job.first_job import start_run  # noqa: PLC0415 - see above

            reply = start_run(
                job,
                lease=lease,
                state_machine_arn=state_machine_arn,
                stepfunctions=stepfunctions,
                codepipeline=connect_codepipeline(),
            )
        else:
            reply = _go_on(job, lease, state_machine_arn, stepfunctions)
    except RunStatusOutdated:
        raise
    except OrchestratorError as error:
        logger.warning("the action is refused", error=type(error).__name__, reason=str(error))
        reply = refusal(error, run=job.id)
    if reply is not None:
        answer_job(job.id, reply, codepipeline=connect_codepipeline())


def _go_on(
    job: Job, lease: timedelta, state_machine_arn: str, stepfunctions: SFNClient
) -> Answer | None:
    """The answer to a later job of an action; None if its run has taken it, and answers."""
    if hand_over(job, lease=lease, stepfunctions=stepfunctions):
        return None
    # A job that its run takes is the rule, and needs none of this.
    from codepipeline_orchestrator.job.answer_from_run import answer_from_status  # noqa: PLC0415 - see above

    return answer_from_status(job, state_machine_arn=state_machine_arn, stepfunctions=stepfunctions)
