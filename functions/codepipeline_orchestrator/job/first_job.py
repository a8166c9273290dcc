"""Starts a run for an action's first job."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from codepipeline_orchestrator.aws.answers import JobAnswer, read_answer
from codepipeline_orchestrator.errors import (
    RunNotFound,
    RunStatusOutdated,
    TargetIsInvokingPipeline,
)
from codepipeline_orchestrator.input.parsing import parse_user_parameters
from codepipeline_orchestrator.job.answer import Answer
from codepipeline_orchestrator.job.answer_from_run import (
    answer_of_ended,
    answer_of_running,
    goes_on,
    read_run,
)
from codepipeline_orchestrator.job.still_running import still_running
from codepipeline_orchestrator.model.documents import json_object
from codepipeline_orchestrator.model.run_arn import run_arn
from codepipeline_orchestrator.model.target import Place, pipeline_arn
from codepipeline_orchestrator.telemetry import logger

if TYPE_CHECKING:
    from mypy_boto3_codepipeline import CodePipelineClient
    from mypy_boto3_stepfunctions import SFNClient

    from codepipeline_orchestrator.input.fields import RunInput
    from codepipeline_orchestrator.job.job import Job


def start_run(
    job: Job,
    *,
    lease: timedelta,
    state_machine_arn: str,
    stepfunctions: SFNClient,
    codepipeline: CodePipelineClient,
) -> Answer | None:
    """The answer to an action's first job; None if its run holds it, and answers."""
    run_input = parse_user_parameters(job.user_parameters, follow_latest=job.has_waiters_token)
    _refuse_itself(job, run_input, state_machine_arn, codepipeline)
    # The name and the input depend on the event alone, so that a repeated delivery finds this run.
    held = {"held": True, "action": job.action} if lease else {}
    document = {"job": {"id": job.id, **held}, "input": run_input.to_document()}
    try:
        stepfunctions.start_execution(
            stateMachineArn=state_machine_arn, name=job.run, input=json.dumps(document)
        )
    except stepfunctions.exceptions.ExecutionAlreadyExists:
        return _begun_before(job, run_arn(state_machine_arn, job.run), stepfunctions)
    logger.info("started the run", pipeline=run_input.pipeline_name)
    if held:
        return None
    arn = run_arn(state_machine_arn, job.run)
    return still_running(arn, job.token(), pipeline_name=run_input.pipeline_name)


def _begun_before(job: Job, arn: str, stepfunctions: SFNClient) -> Answer | None:
    """The answer to a job that came before; None if its run was begun with a lease and goes on."""
    try:
        run = read_run(arn, stepfunctions=stepfunctions)
    except RunNotFound as error:
        # DescribeExecution is eventually consistent (its API reference); the name is taken.
        raise RunStatusOutdated(f"The run {arn} exists, but cannot be read yet.") from error
    if not goes_on(run):
        return answer_of_ended(run)
    began = json_object(run.input).get("job")
    if isinstance(began, dict) and began.get("held") is True:
        return None
    return answer_of_running(job, run, stepfunctions=stepfunctions)


def _refuse_itself(
    job: Job, run_input: RunInput, state_machine_arn: str, codepipeline: CodePipelineClient
) -> None:
    """Refuse the invoking pipeline as target: it would wait for itself, or start itself forever.

    Only GetJobDetails knows the invoking pipeline. If it cannot be read, or its answer does not
    name the pipeline, the action continues: the check must not fail a healthy action.
    """
    try:
        details = codepipeline.get_job_details(jobId=job.id)
    except (ClientError, BotoCoreError) as error:
        logger.warning("the invoking pipeline is not known", error=str(error))
        return
    here = Place.of(state_machine_arn)
    invoking = _invoking_pipeline(read_answer(JobAnswer, details), here)
    if invoking is None:
        logger.warning("the invoking pipeline is not known", error="GetJobDetails names none")
        return
    account = Place.of(run_input.role_arn).account if run_input.role_arn else here.account
    target = pipeline_arn(
        here.partition, run_input.region or here.region, account, run_input.pipeline_name
    )
    if invoking == target:
        raise TargetIsInvokingPipeline(
            f"The pipeline {run_input.pipeline_name} names itself as its target ({target}) and "
            "would never finish. Name another pipeline in UserParameters."
        )


def _invoking_pipeline(answer: JobAnswer, here: Place) -> str | None:
    """The ARN of the pipeline in the answer of GetJobDetails; None if the answer names none.

    All members of the answer are optional, and AWS documents the call for custom actions only. The
    ARN is documented for custom actions and as absent for third-party ones; for Lambda actions
    nothing is said. Without the ARN, the pipeline is taken to be in this account and Region.
    https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_PipelineContext.html
    """
    context = answer.job_details.data.pipeline_context
    if context.pipeline_arn is not None:
        return context.pipeline_arn
    if context.pipeline_name is not None:
        return pipeline_arn(here.partition, here.region, here.account, context.pipeline_name)
    return None
