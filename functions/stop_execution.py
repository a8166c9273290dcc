"""Stops the target execution at the run's deadline, if the input says so."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from orchestrator import clients
from orchestrator.errors import OrchestratorError, TargetUnavailable
from orchestrator.run_state import Execution, RunState
from orchestrator.target_errors import target_refused
from orchestrator.telemetry import bind_run, logged, logger
from orchestrator.text import LONGEST_REASON, cut, plain

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext
    from mypy_boto3_codepipeline import CodePipelineClient

    from orchestrator.target import Target

_LONGEST_REASON = 200  # characters; a limit of the StopPipelineExecution API


@logged
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001
    """Return the report, with what became of the stop."""
    bind_run(event["run"])
    state = RunState.of(event)
    return stop(state, event["report"], codepipeline=clients.target_codepipeline(state.target))


def stop(
    state: RunState, report: Mapping[str, Any], *, codepipeline: CodePipelineClient
) -> dict[str, Any]:
    """Let the running actions end and start no more; the reason names the run.

    Raises TargetUnavailable when AWS could not be asked: trying again helps.
    """
    assert state.execution is not None
    reason = f"Deadline of run {state.run.rpartition(':')[2]} of codepipeline-orchestrator"
    try:
        with target_refused(state.target, "StopPipelineExecution"):
            _stop(state.target, state.execution, cut(reason, _LONGEST_REASON), codepipeline)
    except TargetUnavailable:
        raise
    except OrchestratorError as error:
        logger.warning("the target was not stopped", reason=str(error))
        return {**report, "notStopped": plain(str(error), LONGEST_REASON)}
    logger.info("stopped the target")
    return {**report, "stopped": True}


def _stop(
    target: Target, execution: Execution, reason: str, codepipeline: CodePipelineClient
) -> None:
    with suppress(codepipeline.exceptions.DuplicatedStopRequestException):
        # Somebody has stopped it already, or an earlier attempt of ours has.
        codepipeline.stop_pipeline_execution(
            pipelineName=target.pipelineName,
            pipelineExecutionId=execution.pipelineExecutionId,
            abandon=False,
            reason=reason,
        )
