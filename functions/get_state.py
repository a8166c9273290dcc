"""Reads the target execution, says whether it ended and how long to wait."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from codepipeline_orchestrator import clock
from codepipeline_orchestrator.aws import clients
from codepipeline_orchestrator.aws.refusals import target_refused
from codepipeline_orchestrator.errors import (
    InvalidInput,
    PipelineExecutionNotFound,
    TargetAccessDenied,
    TargetUnavailable,
)
from codepipeline_orchestrator.messages.snapshot import standing
from codepipeline_orchestrator.model.outcome import Outcome, outcome_of
from codepipeline_orchestrator.model.state import Execution, Progress, RunState
from codepipeline_orchestrator.pipeline.end_details import describe
from codepipeline_orchestrator.pipeline.executions import UNFINISHED, newest_executions, successor
from codepipeline_orchestrator.pipeline.permissions import all_named
from codepipeline_orchestrator.polling.next_poll import next_look
from codepipeline_orchestrator.polling.refresh import is_due, look_around, runs_an_action
from codepipeline_orchestrator.telemetry import bind_run, logged, logger

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext
    from mypy_boto3_codepipeline import CodePipelineClient
    from mypy_boto3_codepipeline.type_defs import PipelineExecutionTypeDef

    from codepipeline_orchestrator.model.target import Target

# A new execution may take a moment until it can be read.
_GRACE = 120.0  # seconds
_UNREADABLE = "unreadable"
_RUNNING = "InProgress"
_GLANCES = 3  # in a row


@logged
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001
    """Return whether the target ended, with the report, or how long to wait for the next look."""
    bind_run(event["run"])
    state = RunState.of(event)
    with all_named(state):
        return look(state, connect=clients.target_reader)


def look(state: RunState, *, connect: Callable[[Target], CodePipelineClient]) -> dict[str, Any]:
    """One look at the target execution; `connect` gives the client that reaches it."""
    assert state.execution is not None  # the state machine looks only after StartExecution
    found, progress = _see(state, state.execution, connect)
    status = progress.status or _UNREADABLE
    remaining = state.request.remaining(clock.now())
    # At the deadline there is no second look: what the last one saw counts.
    previous = state.progress.status if remaining > 0 else status
    outcome = outcome_of(status, previous_status=previous)
    logger.info("looked at the target", status=status, polls=progress.polls, where=progress.where)
    follows = outcome is Outcome.SUPERSEDED and state.request.onSuperseded == "follow"
    if follows:  # at the deadline too: what is told, or stopped, is the newer one
        newer = _newer(state, connect(state.target))
        if newer is not None:
            return _go_on_with(newer, state, progress)
    seen = {
        "progress": progress.to_document(),
        "standing": standing(
            state.target,
            state.execution.pipelineExecutionId,
            status,
            progress,
            _age(state.execution),
        ),
    }
    details: dict[str, Any] = {}
    if found is not None and (outcome is not None or remaining <= 0):
        details = describe(state, found, outcome, lambda: connect(state.target))
    if details.pop("retrying", False):
        outcome = None
    if remaining > 0 and outcome is None:
        return {"ended": False, **next_look(state, progress), **seen}
    report = {
        "outcome": outcome or Outcome.TIMED_OUT,
        "status": status,
        "deadline": state.request.deadline,
        "where": progress.where if outcome is None else None,
        "endTime": clock.iso(clock.now()),
        "followed": "given" if state.request.pipelineExecutionId else state.request.mode,
        **details,
    }
    if follows:
        report["newerUnknown"] = True
    if outcome is Outcome.SUPERSEDED and state.request.onSuperseded == "succeed":
        report["accepted"] = True
    then = _then(state, outcome, in_time=remaining > 0)
    return {**seen, "ended": True, "then": then, "report": report}


def _then(state: RunState, outcome: Outcome | None, *, in_time: bool) -> str | None:
    """Which state acts on the target before the run ends, if its policies ask for it."""
    retries_left = state.request.maxStageRetries - state.progress.stageRetries
    if outcome is Outcome.FAILED and retries_left > 0 and in_time:
        return "RetryStage"
    if outcome is None and state.request.onTimeout == "stop":
        return "StopExecution"
    return None


def _newer(state: RunState, codepipeline: CodePipelineClient) -> Execution | None:
    """The execution that superseded the one that was followed; None if it cannot be told."""
    assert state.execution is not None
    try:
        executions = newest_executions(state.target, codepipeline=codepipeline)
    except InvalidInput as error:
        # The Region was good until now, so it is the network.
        raise TargetUnavailable(str(error)) from error
    newer = successor(executions, state.execution.pipelineExecutionId)
    if newer is None:
        return None
    return Execution(newer["pipelineExecutionId"], clock.iso(newer["startTime"]))


def _go_on_with(newer: Execution, state: RunState, progress: Progress) -> dict[str, Any]:
    """Follow the newer execution from now on; it may have ended, so look at once."""
    assert state.execution is not None
    first = progress.superseded or state.execution.pipelineExecutionId
    # What was seen is of the older one: ask again at once.
    going_on = replace(progress, status=None, superseded=first, where=None, pace=None)
    logger.info("a newer execution is followed", pipelineExecutionId=newer.pipelineExecutionId)
    return {
        "ended": False,
        "execution": newer.to_document(),
        "waitSeconds": 1,
        "tell": True,
        "progress": going_on.to_document(),
        "standing": standing(
            state.target, newer.pipelineExecutionId, "InProgress", going_on, _age(newer)
        ),
    }


def _see(
    state: RunState, execution: Execution, connect: Callable[[Target], CodePipelineClient]
) -> tuple[PipelineExecutionTypeDef | None, Progress]:
    """The execution, None if it was not read, and the progress with its status.

    An execution that was in progress and is seen to run an action is in progress: one call tells
    that and where it stands. Whatever else there is to see has to be read, and so has every fourth.
    """
    progress = replace(state.progress, polls=state.progress.polls + 1)
    in_time = state.request.remaining(clock.now()) > 0
    glances = progress.glances < _GLANCES and progress.status == _RUNNING
    around = in_time and glances and is_due(progress)
    if around:
        progress = look_around(state, progress, connect=connect)
        if runs_an_action(progress):
            return None, replace(progress, glances=progress.glances + 1)
    found = _read(state, execution, connect)
    progress = replace(progress, status=found["status"] if found else _UNREADABLE, glances=0)
    if progress.status in UNFINISHED and not around and (not in_time or is_due(progress)):
        progress = look_around(state, progress, connect=connect)
    return found, progress


def _read(
    state: RunState, execution: Execution, connect: Callable[[Target], CodePipelineClient]
) -> PipelineExecutionTypeDef | None:
    """The execution, or None while AWS cannot answer: waiting helps, failing does not."""
    try:
        codepipeline = connect(state.target)
        try:
            return _asked(state.target, execution, codepipeline)
        except TargetAccessDenied:
            another = connect(state.target)  # of a new session, if the old one was revoked
            if another is codepipeline:
                raise
            return _asked(state.target, execution, another)
    except PipelineExecutionNotFound:
        if not _is_new(execution):
            raise
        return None
    except TargetUnavailable as error:
        logger.warning("the target could not be read", reason=str(error))
        return None


def _asked(
    target: Target, execution: Execution, codepipeline: CodePipelineClient
) -> PipelineExecutionTypeDef:
    with target_refused(target, "GetPipelineExecution"):
        return codepipeline.get_pipeline_execution(
            pipelineName=target.pipelineName, pipelineExecutionId=execution.pipelineExecutionId
        )["pipelineExecution"]


def _age(execution: Execution) -> float | None:
    """How long the execution has been going, in seconds; None while its start is unknown."""
    if execution.startTime is None:
        return None
    return (clock.now() - datetime.fromisoformat(execution.startTime)).total_seconds()


def _is_new(execution: Execution) -> bool:
    age = _age(execution)
    return age is not None and age <= _GRACE
