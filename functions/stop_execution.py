"""Stops the target execution when its run ends before it, if the input says so."""

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

_CLOCKS = timedelta(minutes=1)  # by which the clocks of AWS's services may differ
_STOPPED = {"Stopping", "Stopped"}
_LONGEST_STOP_REASON = 200  # characters; a limit of the StopPipelineExecution API


@logged
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001
    """Return the report, with what became of the stop."""
    bind_run(event["run"])
    state = RunState.of(event)
    codepipeline = clients.target_codepipeline(state.target)
    stop_date = event.get("stopDate")
    before = datetime.fromisoformat(stop_date) + _CLOCKS if stop_date else None
    effect = stop(state, why=event["why"], codepipeline=codepipeline, before=before)
    return {**event["report"], **to_document(effect)}


@dataclass(frozen=True)
class StopEffect:
    """What became of a stop, under the names that it has in a Report."""

    stopped: bool = False
    not_stopped: str | None = None


DEADLINE = "Deadline"  # why it is stopped, as the state machine says it; else onAbort decides how


def stop(
    state: RunState,
    *,
    why: str,
    codepipeline: CodePipelineClient,
    before: datetime | None = None,
) -> StopEffect:
    """Let the running actions end and start no more, or abandon them if the input says so.

    The reason that CodePipeline keeps says why, and names the run. What an aborted run may have
    started without coming to know it is looked for, among the executions that began `before`:
    later ones are of a run that was redriven. Raises TargetUnavailable and TargetNotFoundYet when
    trying again helps.
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
    """What the run has started without coming to know it, because it was stopped in between."""
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
        return  # somebody has stopped it already, or an earlier attempt of ours has
    except exceptions.PipelineExecutionNotStoppableException:
        if not _has_stopped(target, execution_id, codepipeline):
            raise


def _has_stopped(target: Target, execution_id: str, codepipeline: CodePipelineClient) -> bool:
    """Whether it has been stopped; False if the role may not read it.

    Raises TargetUnavailable when trying again helps.
    """
    try:
        return read_status(target, execution_id, codepipeline=codepipeline) in _STOPPED
    except TargetAccessDenied:
        return False
