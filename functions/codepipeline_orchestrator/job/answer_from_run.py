"""Answers a job from the status of its run, even if the run was stopped or died."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from codepipeline_orchestrator.aws.answers import RunDescription, read_answer
from codepipeline_orchestrator.errors import (
    FunctionFailed,
    InvalidContinuationToken,
    ResultNotReported,
    RunAborted,
    RunNotFound,
    RunStatusOutdated,
)
from codepipeline_orchestrator.job.answer import Answer, End, from_result
from codepipeline_orchestrator.job.still_running import still_running
from codepipeline_orchestrator.job.table import digest_of
from codepipeline_orchestrator.messages.end import with_show_command
from codepipeline_orchestrator.model.documents import from_document, json_object, to_document
from codepipeline_orchestrator.model.links import run_link
from codepipeline_orchestrator.model.report import RunEnd
from codepipeline_orchestrator.model.run_arn import run_arn
from codepipeline_orchestrator.result.document import Result, build_result
from codepipeline_orchestrator.text import LONGEST_REASON, plain

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

    from codepipeline_orchestrator.job.token import Token

_ENDED = {"SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"}
_LEFT_UNCHANGED = "The target was left unchanged."
# The cause of every run that could report its outcome contains these fields.
_RESULT = {"outcome", "error", "message"}


def answer_from_status(token: Token, *, state_machine_arn: str, stepfunctions: SFNClient) -> Answer:
    """The answer to the job with this token, determined only from its run's status.

    Raises InvalidContinuationToken if the run's input does not match the token's secret, and
    RunNotFound or botocore's errors if the status cannot be read. The job then stays open.
    """
    run = read_run(run_arn(state_machine_arn, token.run), stepfunctions=stepfunctions)
    if digest_in(run) != digest_of(token.secret):
        raise InvalidContinuationToken(
            "The job's continuation token belongs to another action. Retry the stage to start the "
            "action again."
        )
    if goes_on(run):
        name = str(_input_of(run).get("pipelineName", "the target"))
        return still_running(run.execution_arn, token.following(), pipeline_name=name)
    return end_of_run(run)


def digest_in(run: RunDescription) -> str | None:
    """The digest of the secret in the run's input, or None if no action started the run."""
    job = json_object(run.input).get("job")
    digest = job.get("secret") if isinstance(job, dict) else None
    return digest if isinstance(digest, str) else None


def read_run(arn: str, *, stepfunctions: SFNClient) -> RunDescription:
    """Read a run's status and input with DescribeExecution.

    Raises RunNotFound, botocore's errors, and RunStatusOutdated if the status or input is missing.
    """
    try:
        answer = stepfunctions.describe_execution(executionArn=arn)
    except stepfunctions.exceptions.ExecutionDoesNotExist as error:
        raise RunNotFound(
            f"This action's run {arn} does not exist. The orchestrator may have been removed "
            "and deployed again while the action waited. Retry the stage to start a new run."
        ) from error
    run = replace(read_answer(RunDescription, answer), execution_arn=arn)
    if run.status is None or run.input is None:
        raise RunStatusOutdated(
            f"Step Functions described the run {arn} without its status or its input."
        )
    return run


def goes_on(run: RunDescription) -> bool:
    """Whether the run is in progress. An unknown status counts as in progress."""
    return run.status not in _ENDED


def end_of_run(run: RunDescription, target: str | None = None) -> End:
    """The end of the action whose run has ended. `target` is a sentence about the target."""
    result = from_document(Result, result_of(run, target))
    return from_result(result, run=run.execution_arn.rpartition(":")[2])


def result_of(run: RunDescription, target: str | None = None) -> dict[str, Any]:
    """The result document of an ended run, even if the run was stopped or died.

    In that case, `target` is a sentence about its target.
    """
    if run.status == "SUCCEEDED":
        return {"message": "The run succeeded.", **json_object(run.output)}
    # Only close_job knows what happened to the target of a run that was stopped.
    is_unknown = run.status == "ABORTED"
    left = (
        "Its target continues unless onAbort is 'stop' or 'abandon'."
        if is_unknown
        else _LEFT_UNCHANGED
    )
    return _result_of_failed(run, target or left)


def has_reported(run: RunDescription) -> bool:
    """Whether a failed run reported its outcome and therefore answered its job."""
    return run.status == "FAILED" and json_object(run.cause).keys() >= _RESULT


def _result_of_failed(run: RunDescription, target: str) -> dict[str, Any]:
    """The result of an unsuccessful run, from its cause if the run wrote the cause."""
    arn = run.execution_arn
    # A failed run writes its own cause. The cause of an aborted run comes from whoever stopped it.
    cause = json_object(run.cause) if run.status == "FAILED" else {}
    if run.error == ResultNotReported.__name__ and "report" in cause:
        result: dict[str, Any] = to_document(
            build_result(from_document(RunEnd, {**cause, "run": arn}))
        )
        return result
    if cause.keys() >= _RESULT:
        return cause
    ended = _result_without_cause(run, target)
    message = with_show_command(ended["message"], arn)
    return {**ended, "message": message, "runLink": run_link(arn)}


def _result_without_cause(run: RunDescription, target: str) -> dict[str, str]:
    parts = (plain(each, LONGEST_REASON) for each in (run.error, run.cause))
    said = ": ".join(part for part in parts if part)
    was_aborted = run.status == "ABORTED"
    error = RunAborted.__name__ if was_aborted else FunctionFailed.__name__
    ended = f"ended with status {run.status}"
    happened = "was stopped in Step Functions" if was_aborted else ended
    because = f" ({said})" if said else ""
    return {
        "error": error,
        "message": f"This action's run {happened}{because}. {target} Retry the stage to start "
        "a new run.",
    }


def _input_of(run: RunDescription) -> Mapping[str, Any]:
    asked = json_object(run.input).get("input")
    return asked if isinstance(asked, dict) else {}
