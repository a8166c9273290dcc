"""Starts a run for an action's first job."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from codepipeline_orchestrator.errors import TargetIsInvokingPipeline
from codepipeline_orchestrator.input.parsing import parse_user_parameters
from codepipeline_orchestrator.job.answer import answer_job
from codepipeline_orchestrator.model.target import Place, pipeline_arn
from codepipeline_orchestrator.telemetry import logger

if TYPE_CHECKING:
    from mypy_boto3_codepipeline import CodePipelineClient
    from mypy_boto3_stepfunctions import SFNClient

    from codepipeline_orchestrator.aws.answers import PipelineContext
    from codepipeline_orchestrator.input.fields import RunInput
    from codepipeline_orchestrator.job.job import Job
    from codepipeline_orchestrator.job.table import JobsTable


def start_run(
    job: Job,
    context: PipelineContext,
    *,
    state_machine_arn: str,
    jobs: JobsTable,
    stepfunctions: SFNClient,
    codepipeline: CodePipelineClient,
) -> None:
    """Start the run that answers the job, or send the answer that the action already has.

    A repeated delivery finds the same item and therefore the same run. Raises InvalidInput and
    TargetIsInvokingPipeline for mistakes in the action, before anything is started. Raises
    JobsUnavailable and botocore's errors if Lambda has to retry the event.
    """
    run_input = parse_user_parameters(job.user_parameters, follow_latest=job.has_waiters_token)
    _refuse_itself(run_input, context, state_machine_arn)
    item = jobs.open(job.id, context)
    if item.answer is not None:
        answer_job(item.job, item.answer, codepipeline=codepipeline)
        return
    document = {"job": {"id": job.id, "secret": item.digest}, "input": run_input.to_document()}
    try:
        stepfunctions.start_execution(
            stateMachineArn=state_machine_arn, name=job.id, input=json.dumps(document)
        )
    except stepfunctions.exceptions.ExecutionAlreadyExists:
        logger.info("the run already exists")
    else:
        logger.info("started the run", pipeline=run_input.pipeline_name)


def _refuse_itself(run_input: RunInput, context: PipelineContext, state_machine_arn: str) -> None:
    """Raise TargetIsInvokingPipeline if the target is the invoking pipeline."""
    here = Place.of(state_machine_arn)
    invoking = _invoking_pipeline(context, here)
    if invoking is None:
        logger.warning("the invoking pipeline is unknown")
        return
    account = Place.of(run_input.role_arn).account if run_input.role_arn else here.account
    target = pipeline_arn(
        here.partition, run_input.region or here.region, account, run_input.pipeline_name
    )
    if invoking == target:
        raise TargetIsInvokingPipeline(
            f"Pipeline {run_input.pipeline_name} names itself as its target ({target}) and "
            "would never finish. Name another pipeline in UserParameters."
        )


def _invoking_pipeline(context: PipelineContext, here: Place) -> str | None:
    """The ARN of the pipeline that the job belongs to, or None if it is unknown.

    AWS documents the ARN as present for custom actions and absent for third-party actions, but does
    not mention Lambda actions. Without it, the pipeline is assumed to be in this account and
    Region. https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_PipelineContext.html
    """
    if context.pipeline_arn is not None:
        return context.pipeline_arn
    if context.pipeline_name is not None:
        return pipeline_arn(here.partition, here.region, here.account, context.pipeline_name)
    return None
