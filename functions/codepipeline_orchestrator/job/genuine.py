"""Compares a job's event with what CodePipeline says of the job.

Whoever may invoke the function can send it any event. So the event only hints at the job: what it
says must be what GetJobDetails answers for the same id, or somebody could open, or close, another
action's gate.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from codepipeline_orchestrator.aws import throttling
from codepipeline_orchestrator.aws.answers import (
    JobAnswer,
    JobDetails,
    PipelineContext,
    read_answer,
)
from codepipeline_orchestrator.aws.client_errors import answer_text, code_of
from codepipeline_orchestrator.errors import JobNotGenuine
from codepipeline_orchestrator.model.target import Place
from codepipeline_orchestrator.telemetry import count, logger

if TYPE_CHECKING:
    from mypy_boto3_codepipeline import CodePipelineClient

    from codepipeline_orchestrator.job.job import Job

# A name, a partial ARN (account:function:name) or an ARN, each with a qualifier or without:
# https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
_FUNCTION = re.compile(r"(?:(?:arn:[^:]+:lambda:[^:]+:)?\d{12}:function:)?([^:]+)(?::[^:]+)?")
_SERVER_ERROR = 500


@dataclass(frozen=True)
class Genuine:
    """What is certain about a job, apart from being the one in the event."""

    context: PipelineContext  # where it belongs to; empty if CodePipeline does not say
    has_token: bool  # whether its token, or the lack of one, is what the event says

    def may_be_blamed(self, job: Job) -> bool:
        """Whether the job may be answered as failed because of its token."""
        if not self.has_token:
            refuse(job, "CodePipeline does not return its continuation token")
        return self.has_token


def compare(job: Job, *, state_machine_arn: str, codepipeline: CodePipelineClient) -> Genuine:
    """Compare the event with what CodePipeline says of the job.

    Raises JobNotGenuine if the event differs from what CodePipeline says, if there is no such job,
    or if it is of another account: then nothing may be begun or answered. A refusal for good
    (denied, invalid) is logged, and the event is believed. Raises botocore's errors for all else.
    """
    here = Place.of(state_machine_arn).account
    try:
        answer = codepipeline.get_job_details(jobId=job.id)
    except codepipeline.exceptions.JobNotFoundException as error:
        raise refuse(job, "CodePipeline knows no such job") from error
    except ClientError as error:
        if _may_pass(error):
            raise
        logger.warning("the job could not be compared", job=job.id, aws=answer_text(error))
        details = JobDetails()
    else:
        details = read_answer(JobAnswer, answer).job_details
    differs = _difference(job, details, here)
    if differs is not None:
        raise refuse(job, differs)
    is_told = details.data.continuation_token == job.continuation_token or details.id is None
    if job.has_waiters_token and not is_told:
        raise refuse(job, "CodePipeline does not return its continuation token")
    return Genuine(details.data.pipeline_context, is_told)


def refuse(job: Job, why: str) -> JobNotGenuine:
    """Log and count an event that is ignored; the error says why."""
    logger.warning("the event is ignored", job=job.id, reason=why)
    count("JobsRefused", job=job.id)
    return JobNotGenuine(f"The event's job {job.id} is not genuine: {why}.")


def _may_pass(error: ClientError) -> bool:
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", _SERVER_ERROR)
    return status >= _SERVER_ERROR or code_of(error) in throttling.CODES


def _difference(job: Job, details: JobDetails, here: str) -> str | None:
    """How the event differs from the answer. What the answer lacks is not compared.

    Answers go to the caller's account, so a job of another account cannot be answered.
    """
    data = details.data
    configuration = data.action_configuration.configuration
    pairs = (
        ("the account", details.account_id or job.account, here),
        ("UserParameters", configuration.get("UserParameters"), job.user_parameters),
        ("the continuation token", data.continuation_token, job.continuation_token),
    )
    for what, told, expected in pairs:
        if told is not None and told != expected:
            return f"{what} differs"
    function = _name(configuration.get("FunctionName"))
    if None not in {function, job.function_name} and function != job.function_name:
        return "the function differs"
    return None


def _name(function: str | None) -> str | None:
    matched = _FUNCTION.fullmatch(function or "")
    return matched[1] if matched else function
