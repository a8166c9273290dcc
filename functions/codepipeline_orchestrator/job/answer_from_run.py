"""What a job is told, by the status of its run: also of a run that was stopped or died."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from codepipeline_orchestrator.aws.answers import HistoryPage, RunDescription, read_answer
from codepipeline_orchestrator.errors import (
    FunctionFailed,
    ResultNotReported,
    RunAborted,
    RunNotFound,
    RunStatusOutdated,
)
from codepipeline_orchestrator.job.answer import Answer, Failure, StillRunning, Success, from_result
from codepipeline_orchestrator.job.still_running import still_running
from codepipeline_orchestrator.messages.end import with_show_command
from codepipeline_orchestrator.model.documents import from_document, json_object, to_document
from codepipeline_orchestrator.model.links import run_link
from codepipeline_orchestrator.model.report import RunEnd
from codepipeline_orchestrator.model.request import LeaveOrStop
from codepipeline_orchestrator.model.run_arn import run_arn
from codepipeline_orchestrator.model.snapshot import Snapshot
from codepipeline_orchestrator.result.document import Result, build_result
from codepipeline_orchestrator.telemetry import logger
from codepipeline_orchestrator.text import LONGEST_REASON, plain

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

    from codepipeline_orchestrator.job.job import Job

_NEWEST_EVENTS = 12  # a poll of the target and the wait after it are 9
_ENDED = {"SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"}
_RESULT = {"outcome", "error", "message"}  # are in the cause of each run that could report


def answer_from_status(job: Job, *, state_machine_arn: str, stepfunctions: SFNClient) -> Answer:
    """What to tell CodePipeline about the run that the job belongs to.

    Raises InvalidContinuationToken before anything is read, RunNotFound, and botocore's errors
    when the status cannot be read: the job is then still open.
    """
    run = read_run(run_arn(state_machine_arn, job.run), stepfunctions=stepfunctions)
    if goes_on(run):
        return answer_of_running(job, run, stepfunctions=stepfunctions)
    return answer_of_ended(run)


def read_run(arn: str, *, stepfunctions: SFNClient) -> RunDescription:
    """What DescribeExecution says of the run, with its status.

    Raises RunNotFound, RunStatusOutdated for an answer without a status, and botocore's errors.
    """
    try:
        answer = stepfunctions.describe_execution(executionArn=arn)
    except stepfunctions.exceptions.ExecutionDoesNotExist as error:
        raise RunNotFound(
            f"The run {arn} of this action does not exist (any more). Was the orchestrator "
            "deployed anew while the action waited? Retry the stage: the action begins anew."
        ) from error
    run = replace(read_answer(RunDescription, answer), execution_arn=arn)
    if run.status is None:
        raise RunStatusOutdated(f"Step Functions described the run {arn} without its status.")
    return run


def goes_on(run: RunDescription) -> bool:
    """Whether the run has not ended. A status that is not known is not an end."""
    return run.status not in _ENDED


def answer_of_ended(run: RunDescription) -> Success | Failure:
    """What to tell CodePipeline about a run that has ended."""
    return from_result(
        from_document(Result, result_of(run)), run=run.execution_arn.rpartition(":")[2]
    )


def result_of(run: RunDescription) -> dict[str, Any]:
    """The result document of a run that has ended, however it ended."""
    if run.status == "SUCCEEDED":
        return {"message": "The run succeeded.", **json_object(run.output)}
    return _result_of_failed(run)


def has_reported(run: RunDescription) -> bool:
    """Whether a run that has failed came to its end by itself: it has told its job then."""
    return run.status == "FAILED" and json_object(run.cause).keys() >= _RESULT


def answer_of_running(job: Job, run: RunDescription, *, stepfunctions: SFNClient) -> StillRunning:
    """The answer for a run that continues: the progress of its target."""
    arn = run.execution_arn
    return still_running(
        arn,
        job.token(),
        pipeline_name=str(_asked(run).get("pipelineName", "the target")),
        snapshot=_newest_snapshot(arn, stepfunctions=stepfunctions),
    )


def _newest_snapshot(arn: str, *, stepfunctions: SFNClient) -> Snapshot | None:
    """The newest snapshot among the newest events of the run; None if there is none."""
    try:
        answer = stepfunctions.get_execution_history(
            executionArn=arn, reverseOrder=True, maxResults=_NEWEST_EVENTS
        )
    except (ClientError, BotoCoreError) as error:
        logger.warning("the run's history could not be read", error=str(error))
        return None
    for event in read_answer(HistoryPage, answer).events:
        document = json_object(event.state_exited_event_details.output).get("snapshot")
        if document is not None:
            return from_document(Snapshot, document)
    return None


def _result_of_failed(run: RunDescription) -> dict[str, Any]:
    """The result of a run that did not succeed: what its cause says, never its status alone."""
    arn = run.execution_arn
    # Only a run that failed by itself has written its cause; whoever stops one writes theirs.
    cause = json_object(run.cause) if run.status == "FAILED" else {}
    if run.error == ResultNotReported.__name__ and "report" in cause:
        result: dict[str, Any] = to_document(
            build_result(from_document(RunEnd, {**cause, "run": arn}))
        )
        return result
    if cause.keys() >= _RESULT:
        return cause
    ended = _result_of_dead(run)
    message = with_show_command(ended["message"], arn)
    return {**ended, "message": message, "runLink": run_link(arn)}


def _result_of_dead(run: RunDescription) -> dict[str, str]:
    parts = (plain(each, LONGEST_REASON) for each in (run.error, run.cause))
    said = ": ".join(part for part in parts if part)
    if run.status == "ABORTED":
        return {
            "error": RunAborted.__name__,
            "message": "The run of this action was stopped in Step Functions"
            f"{f' ({said})' if said else ''}. {_target_of_aborted(run)} Retry the stage to begin "
            "anew.",
        }
    return {
        "error": FunctionFailed.__name__,
        "message": f"The run of this action ended {run.status}{f': {said}' if said else ''}. "
        "The target was left as it is. Retry the stage to begin anew.",
    }


def _target_of_aborted(run: RunDescription) -> str:
    """What close_job does for a run that was stopped."""
    on_abort = _asked(run).get("onAbort")
    if on_abort == LeaveOrStop.STOP:
        return "Its target stops once its running actions have ended, because onAbort is stop."
    if on_abort == LeaveOrStop.ABANDON:
        return "Its target is being stopped, because onAbort is abandon."
    return "The target was left as it is."


def _asked(run: RunDescription) -> Mapping[str, Any]:
    """The input proper of a run that holds a job; nothing of one that only claims to."""
    asked = json_object(run.input).get("input")
    return asked if isinstance(asked, dict) else {}
