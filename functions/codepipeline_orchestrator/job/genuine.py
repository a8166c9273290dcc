"""Compares a job's event with CodePipeline's own record of the job.

Anyone who may invoke the function can send it any event. A forged event could make another action
succeed or fail, so every event has to match what GetJobDetails returns for its job.
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

# A name, a partial ARN (account:function:name) or an ARN, each with or without a qualifier:
# https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
_FUNCTION = re.compile(r"(?:(?:arn:[^:]+:lambda:[^:]+:)?\d{12}:function:)?([^:]+)(?::[^:]+)?")
_SERVER_ERROR = 500


@dataclass(frozen=True)
class Genuine:
    """The parts of a job that CodePipeline has confirmed."""

    context: PipelineContext  # the job's action; empty if CodePipeline does not provide it
    has_token: bool  # whether CodePipeline confirms the event's token or its absence

    def may_be_blamed(self, job: Job) -> bool:
        """Whether an invalid token may fail the action."""
        if not self.has_token:
            refuse(job, "CodePipeline does not return its continuation token")
        return self.has_token


def compare(job: Job, *, state_machine_arn: str, codepipeline: CodePipelineClient) -> Genuine:
    """Compare the event with CodePipeline's record of the job.

    Raises JobNotGenuine if they differ, if the job does not exist, or if it belongs to another
    account. In these cases, the caller must neither start nor answer anything. If CodePipeline
    permanently refuses the request (denied, invalid), the refusal is logged and the event is
    trusted. All other refusals are raised as botocore's errors.
    """
    here = Place.of(state_machine_arn).account
    try:
        answer = codepipeline.get_job_details(jobId=job.id)
    except codepipeline.exceptions.JobNotFoundException as error:
        raise refuse(job, "CodePipeline has no such job") from error
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
    """Log and count an ignored event, and return an error with the reason."""
    logger.warning("the event is ignored", job=job.id, reason=why)
    count("JobsRefused", job=job.id)
    return JobNotGenuine(f"The event's job {job.id} is not genuine: {why}.")


def _may_pass(error: ClientError) -> bool:
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", _SERVER_ERROR)
    return status >= _SERVER_ERROR or code_of(error) in throttling.CODES


def _difference(job: Job, details: JobDetails, here: str) -> str | None:
    """Describe how the event differs from CodePipeline's record.

    Members that the record lacks are ignored. Only jobs of the function's own account can be
    answered, so another account also counts as a difference.
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
