"""Sends the answers to jobs to CodePipeline, as nothing else does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from codepipeline_orchestrator.errors import JobUnanswered, OrchestratorError, failure_type
from codepipeline_orchestrator.telemetry import logger
from codepipeline_orchestrator.text import cut, plain

if TYPE_CHECKING:
    from mypy_boto3_codepipeline import CodePipelineClient
    from mypy_boto3_codepipeline.literals import FailureTypeType

    from codepipeline_orchestrator.result.document import Result

# https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_ExecutionDetails.html and
# API_FailureDetails.html
_LONGEST_SUMMARY = 2_048
_LONGEST_MESSAGE = 5_000


@dataclass(frozen=True)
class StillRunning:
    """The action goes on; CodePipeline asks again with the token."""

    token: str
    summary: str
    external_execution_id: str
    percent: int | None = None

    def put(self, job_id: str, *, codepipeline: CodePipelineClient) -> None:
        """Tell CodePipeline."""
        codepipeline.put_job_success_result(
            jobId=job_id,
            continuationToken=self.token,
            executionDetails={
                "summary": _fit(self.summary, _LONGEST_SUMMARY),
                "externalExecutionId": self.external_execution_id,
                **({} if self.percent is None else {"percentComplete": self.percent}),
            },
        )


@dataclass(frozen=True)
class Success:
    """The action succeeded."""

    summary: str
    external_execution_id: str
    output_variables: Mapping[str, str] = field(default_factory=dict)

    def put(self, job_id: str, *, codepipeline: CodePipelineClient) -> None:
        """Tell CodePipeline."""
        codepipeline.put_job_success_result(
            jobId=job_id,
            executionDetails={
                "summary": _fit(self.summary, _LONGEST_SUMMARY),
                "externalExecutionId": self.external_execution_id,
            },
            outputVariables=self.output_variables,
        )


@dataclass(frozen=True)
class Failure:
    """The action failed."""

    type: FailureTypeType
    message: str
    external_execution_id: str

    def put(self, job_id: str, *, codepipeline: CodePipelineClient) -> None:
        """Tell CodePipeline."""
        codepipeline.put_job_failure_result(
            jobId=job_id,
            failureDetails={
                "type": self.type,
                "message": _fit(self.message, _LONGEST_MESSAGE),
                "externalExecutionId": self.external_execution_id,
            },
        )


Answer = StillRunning | Success | Failure


def refusal(error: OrchestratorError, *, run: str) -> Failure:
    """The answer for an error of ours."""
    message = plain(str(error), _LONGEST_MESSAGE) or ""
    return Failure(error.failure_type, message, run)  # type: ignore[arg-type] # our constants


def from_result(result: Result, *, run: str) -> Success | Failure:
    """The answer for a run that ended with this result."""
    external_id = result.pipeline_execution_id or run
    if result.error is not None:
        return Failure(
            failure_type(result.error),  # type: ignore[arg-type] # our constants
            _with_link(result, _LONGEST_MESSAGE),
            external_id,
        )
    return Success(_with_link(result, _LONGEST_SUMMARY), external_id, result.output_variables)


def answer_job(job_id: str, answer: Answer, *, codepipeline: CodePipelineClient) -> bool:
    """Answer the job; False when somebody else has, which is no error.

    Raises JobUnanswered when CodePipeline did not take the answer: the job is still open then.
    """
    try:
        answer.put(job_id, codepipeline=codepipeline)
    except (
        codepipeline.exceptions.InvalidJobStateException,
        codepipeline.exceptions.JobNotFoundException,
    ) as error:
        logger.info("the job had been answered before", job=job_id, aws=str(error))
        return False
    except (ClientError, BotoCoreError) as error:
        raise JobUnanswered(f"CodePipeline did not take the answer to job {job_id}: {error}") from (
            error
        )
    logger.info("answered the job", job=job_id, answer=type(answer).__name__)
    return True


def _fit(text: str, limit: int) -> str:
    """Lines that a console or a terminal only shows, whoever wrote parts of them."""
    lines = [line for each in text.split("\n") if (line := plain(each, limit))]
    return cut("\n".join(lines), limit) or "(nothing was said)"


def _with_link(result: Result, limit: int) -> str:
    link = result.link or result.run_link or ""
    return f"{cut(result.message, limit - len(link) - 1)}\n{link}".strip()
