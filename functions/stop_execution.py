"""Stops the target execution if its run ends first and the input requests it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from codepipeline_orchestrator.aws import clients
from codepipeline_orchestrator.aws.refusals import target_refused
from codepipeline_orchestrator.errors import (
    BetweenStates,
    OrchestratorError,
    TargetAccessDenied,
    TargetNotFoundYet,
)
from codepipeline_orchestrator.model.documents import to_document
from codepipeline_orchestrator.model.request import LeaveOrStop
from codepipeline_orchestrator.model.state import Execution, RunState
from codepipeline_orchestrator.pipeline.executions import execution_of, started_by
from codepipeline_orchestrator.pipeline.listing import newest_executions, read_status
from codepipeline_orchestrator.telemetry import bind_run, logged, logger
from codepipeline_orchestrator.text import LONGEST_REASON, cut, plain

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext
    from mypy_boto3_codepipeline import CodePipelineClient

    from codepipeline_orchestrator.model.target import Target

_CLOCK_SKEW = timedelta(minutes=1)  # maximum difference between the clocks of AWS's services
_STOPPED = {"Stopping", "Stopped"}
_LONGEST_STOP_REASON = 200  # characters; a limit of the StopPipelineExecution API


@logged
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001
    """Stop the target, and return the report with the effect of the stop."""
    bind_run(event["run"])
    state = RunState.of(event)
    codepipeline = clients.target_codepipeline(state.target)
    stop_date = event.get("stopDate")
    before = datetime.fromisoformat(stop_date) + _CLOCK_SKEW if stop_date else None
    effect = stop(state, why=event["why"], codepipeline=codepipeline, before=before)
    return {**event["report"], **to_document(effect)}


@dataclass(frozen=True)
class StopEffect:
    """The effect of a stop, with the same field names as Report."""

    stopped: bool = False
    not_stopped: str | None = None


DEADLINE = "Deadline"  # onTimeout applies only to this reason, and onAbort to all others


def stop(
    state: RunState,
    *,
    why: str,
    codepipeline: CodePipelineClient,
    before: datetime | None = None,
) -> StopEffect:
    """Stop the target execution, and abandon its running actions if the input requests it.

    The stop reason in CodePipeline contains `why` and the run's name.

    An aborted run may have started an execution that it does not know about. Only executions that
    began before `before` count, because later ones belong to the redriven run.

    Raises TargetUnavailable and TargetNotFoundYet if retrying helps.
    """
    policy = state.request.on_timeout if why == DEADLINE else state.request.on_abort
    reason = f"{why} of run {state.run.rpartition(':')[2]} of codepipeline-orchestrator"
    try:
        execution = state.execution or _started(state, before, codepipeline)
        with target_refused(state.target, "StopPipelineExecution"):
            _stop(
                state.target,
                execution,
                cut(reason, _LONGEST_STOP_REASON),
                abandon=policy is LeaveOrStop.ABANDON,
                codepipeline=codepipeline,
            )
    except BetweenStates:
        raise
    except OrchestratorError as error:
        logger.warning("the target was not stopped", reason=str(error))
        return StopEffect(not_stopped=plain(str(error), LONGEST_REASON))
    logger.info("stopped the target")
    return StopEffect(stopped=True)


def _started(
    state: RunState, before: datetime | None, codepipeline: CodePipelineClient
) -> Execution:
    """The execution that the run started if the run was stopped before it received the id."""
    listed = newest_executions(state.target, codepipeline=codepipeline).executions
    early = [
        each for each in listed if not (before and each.start_time) or each.start_time <= before
    ]
    found = started_by(early, state.target.role_session_name)
    if found is None:
        raise TargetNotFoundYet(
            f"CodePipeline lists no execution of {state.target} that this run started."
        )
    return execution_of(found)


def _stop(
    target: Target,
    execution: Execution,
    reason: str,
    *,
    abandon: bool,
    codepipeline: CodePipelineClient,
) -> None:
    execution_id = execution.pipeline_execution_id
    exceptions = codepipeline.exceptions
    try:
        codepipeline.stop_pipeline_execution(
            pipelineName=target.pipeline_name,
            pipelineExecutionId=execution_id,
            abandon=abandon,
            reason=reason,
        )
    except exceptions.DuplicatedStopRequestException:
        return  # someone else, or an earlier attempt, has already stopped it
    except exceptions.PipelineExecutionNotStoppableException:
        if not _has_stopped(target, execution_id, codepipeline):
            raise


def _has_stopped(target: Target, execution_id: str, codepipeline: CodePipelineClient) -> bool:
    """Whether the execution has been stopped. False if the role may not read it.

    Raises TargetUnavailable if retrying helps.
    """
    try:
        return read_status(target, execution_id, codepipeline=codepipeline) in _STOPPED
    except TargetAccessDenied:
        return False
