"""Answers CodePipeline's jobs. No other module sends answers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from codepipeline_orchestrator.aws.client_errors import code_of
from codepipeline_orchestrator.errors import JobUnanswered, OrchestratorError, failure_type
from codepipeline_orchestrator.model.documents import from_document, to_document
from codepipeline_orchestrator.telemetry import logger
from codepipeline_orchestrator.text import cut, plain

if TYPE_CHECKING:
    from mypy_boto3_codepipeline import CodePipelineClient

    from codepipeline_orchestrator.result.document import Result

# https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_ExecutionDetails.html and
# API_FailureDetails.html
_LONGEST_SUMMARY = 2_048
_LONGEST_MESSAGE = 5_000
_REFUSED = {"OutputVariablesSizeExceededException", "ValidationException"}


@dataclass(frozen=True)
class StillRunning:
    """Keeps the action in progress. CodePipeline creates another job with the token."""

    token: str
    summary: str
    external_execution_id: str
    percent: int | None = None

    def put(self, job_id: str, *, codepipeline: CodePipelineClient) -> None:
        """Send this answer to CodePipeline."""
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
    """Marks the action as succeeded."""

    summary: str
    external_execution_id: str
    output_variables: Mapping[str, str] = field(default_factory=dict)

    def put(self, job_id: str, *, codepipeline: CodePipelineClient) -> None:
        """Send this answer to CodePipeline."""
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
    """Marks the action as failed."""

    type: str  # FailureType of the CodePipeline API
    message: str
    external_execution_id: str

    def put(self, job_id: str, *, codepipeline: CodePipelineClient) -> None:
        """Send this answer to CodePipeline."""
        codepipeline.put_job_failure_result(
            jobId=job_id,
            failureDetails={
                "type": self.type,  # type: ignore[typeddict-item] # our constants
                "message": _fit(self.message, _LONGEST_MESSAGE),
                "externalExecutionId": self.external_execution_id,
            },
        )


End = Success | Failure
Answer = StillRunning | End


def end_text(end: End) -> str:
    """Serialize the end of an action for the jobs table."""
    return json.dumps({"kind": type(end).__name__, **to_document(end)}, separators=(",", ":"))


def end_from(text: str) -> End:
    """Restore the end of an action from the jobs table's text."""
    document = json.loads(text)
    if document["kind"] == Success.__name__:
        return from_document(Success, document)
    return from_document(Failure, document)


def refusal(error: OrchestratorError, *, run: str) -> Failure:
    """The answer for one of the orchestrator's own errors."""
    message = plain(str(error), _LONGEST_MESSAGE) or ""
    return Failure(error.failure_type, message, run)


def from_result(result: Result, *, run: str) -> Success | Failure:
    """The answer for a run that ended with this result."""
    external_id = result.pipeline_execution_id or run
    if result.error is not None:
        message = _with_link(result, _LONGEST_MESSAGE)
        return Failure(failure_type(result.error), message, external_id)
    return Success(_with_link(result, _LONGEST_SUMMARY), external_id, result.output_variables)


def answer_job(job_id: str, answer: Answer, *, codepipeline: CodePipelineClient) -> bool:
    """Answer the job. Returns False if the job is no longer open, which is not an error.

    If CodePipeline refuses the output variables, the answer is sent again without them. Raises
    JobUnanswered, with the job still open, if CodePipeline accepted no answer.
    """
    try:
        answer.put(job_id, codepipeline=codepipeline)
    except (
        codepipeline.exceptions.InvalidJobStateException,
        codepipeline.exceptions.JobNotFoundException,
    ) as error:
        logger.info("the job is not open", job=job_id, aws=str(error))
        return False
    except (ClientError, BotoCoreError) as error:
        if isinstance(answer, Success) and answer.output_variables and code_of(error) in _REFUSED:
            logger.warning("the output variables are omitted", job=job_id, aws=str(error))
            return answer_job(
                job_id, replace(answer, output_variables={}), codepipeline=codepipeline
            )
        raise JobUnanswered(
            f"CodePipeline did not accept the answer to job {job_id}: {error}"
        ) from error
    logger.info("answered the job", job=job_id, answer=type(answer).__name__)
    return True


def _fit(text: str, limit: int) -> str:
    lines = [line for each in text.split("\n") if (line := plain(each, limit))]
    return cut("\n".join(lines), limit) or "(no message)"


def _with_link(result: Result, limit: int) -> str:
    link = result.link or result.run_link or ""
    return f"{cut(result.message, limit - len(link) - 1)}\n{link}".strip()
