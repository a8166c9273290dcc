"""Reads the target execution, says whether it ended and how long to wait."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from orchestrator import clients, clock
from orchestrator.details import describe
from orchestrator.errors import PipelineExecutionNotFound, TargetUnavailable
from orchestrator.outcome import Outcome, outcome_of
from orchestrator.run_state import Execution, Progress, RunState
from orchestrator.standing import standing
from orchestrator.target_errors import target_refused
from orchestrator.telemetry import bind_run, logged, logger
from orchestrator.waiting import CONFIRM_FAILED, wait_seconds

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext
    from mypy_boto3_codepipeline import CodePipelineClient
    from mypy_boto3_codepipeline.type_defs import PipelineExecutionTypeDef

    from orchestrator.target import Target

# A new execution may take a moment until it can be read.
_GRACE = timedelta(minutes=2)
_UNREADABLE = "unreadable"


@logged
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001
    """Return whether the target ended, with the report, or how long to wait for the next look."""
    bind_run(event["run"])
    state = RunState.of(event)
    return look(state, connect=clients.target_codepipeline)


def look(state: RunState, *, connect: Callable[[Target], CodePipelineClient]) -> dict[str, Any]:
    """One look at the target execution; `connect` gives the client that reaches it."""
    assert state.execution is not None  # the state machine looks only after StartExecution
    found = _read(state, state.execution, connect)
    status = found["status"] if found else _UNREADABLE
    remaining = state.request.remaining(clock.now())
    # At the deadline there is no second look: what the last one saw counts.
    previous = state.progress.status if remaining > 0 else status
    outcome = outcome_of(status, previous_status=previous)
    progress = Progress(state.progress.polls + 1, status)
    logger.info("looked at the target", status=status, polls=progress.polls)
    seen = {
        "progress": progress.to_document(),
        "standing": standing(state.target, state.execution.pipelineExecutionId, status),
    }
    if outcome is None and remaining > 0:
        return {"ended": False, "waitSeconds": _wait(state, status, remaining), **seen}
    return {
        **seen,
        "ended": True,
        "report": {
            "outcome": outcome or Outcome.TIMED_OUT,
            "status": status,
            "deadline": state.request.deadline,
            "endTime": clock.iso(clock.now()),
            **(describe(state.target, found, outcome, connect(state.target)) if found else {}),
        },
    }


def _wait(state: RunState, status: str, remaining: float) -> int:
    seconds = wait_seconds(
        age=state.request.age(clock.now()), remaining=remaining, polls=state.progress.polls
    )
    return min(seconds, CONFIRM_FAILED) if status == Outcome.FAILED else seconds


def _read(
    state: RunState, execution: Execution, connect: Callable[[Target], CodePipelineClient]
) -> PipelineExecutionTypeDef | None:
    """The execution, or None while AWS cannot answer: waiting helps, failing does not."""
    try:
        codepipeline = connect(state.target)
        with target_refused(state.target, "GetPipelineExecution"):
            return codepipeline.get_pipeline_execution(
                pipelineName=state.target.pipelineName,
                pipelineExecutionId=execution.pipelineExecutionId,
            )["pipelineExecution"]
    except PipelineExecutionNotFound:
        if not _is_new(execution):
            raise
        return None
    except TargetUnavailable as error:
        logger.warning("the target could not be read", reason=str(error))
        return None


def _is_new(execution: Execution) -> bool:
    if execution.startTime is None:
        return False
    return clock.now() - datetime.fromisoformat(execution.startTime) <= _GRACE
