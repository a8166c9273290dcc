"""Starts the target execution, or finds the one to follow."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from codepipeline_orchestrator import clock
from codepipeline_orchestrator.aws import clients
from codepipeline_orchestrator.aws.refusals import target_refused
from codepipeline_orchestrator.errors import (
    InvalidInput,
    PipelineNeverRun,
    TargetBusy,
    TargetUnavailable,
)
from codepipeline_orchestrator.messages.snapshot import standing, standing_before_start
from codepipeline_orchestrator.model.outcome import Outcome
from codepipeline_orchestrator.model.state import Execution, Progress, RunState
from codepipeline_orchestrator.pipeline.executions import (
    Summary,
    just_failed,
    newest_executions,
    started_by,
    unfinished,
)
from codepipeline_orchestrator.pipeline.permissions import all_named
from codepipeline_orchestrator.polling.forecast import of_unknown
from codepipeline_orchestrator.polling.interval import CONFIRM_FAILED, wait_seconds
from codepipeline_orchestrator.telemetry import bind_run, logged, logger

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext
    from mypy_boto3_codepipeline import CodePipelineClient

    from codepipeline_orchestrator.model.target import Target

_MOST_BLOCKERS = 10  # named; people look at the newest ones


@logged
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001
    """Return the execution to follow, or how long to wait, or the report when the run ends here."""
    bind_run(event["run"])
    state = RunState.of(event)
    with all_named(state):
        return attempt(state, connect=clients.target_codepipeline)


def attempt(state: RunState, *, connect: Callable[[Target], CodePipelineClient]) -> dict[str, Any]:
    """One attempt to begin; `connect` gives the client that reaches the target.

    What passes by itself is waited for, until the deadline. A mistake in the input is raised.
    """
    try:
        return begin(state, codepipeline=connect(state.target))
    except TargetBusy as error:
        return _look_later(state, "busy", [], reason=str(error))
    except TargetUnavailable as error:
        return _look_later(state, "unreadable", [], reason=str(error))
    except InvalidInput as error:
        if not state.has_waited:
            raise
        # An input that was good before is not what is wrong now.
        return _look_later(state, "unreadable", [], reason=str(error))


def begin(state: RunState, *, codepipeline: CodePipelineClient) -> dict[str, Any]:
    """What the request's mode means for the pipeline as it is now."""
    request = state.request
    if request.pipelineExecutionId is not None:
        return _follow(state, _given(state, request.pipelineExecutionId, codepipeline))
    if request.mode == "latest":
        return _latest(state, codepipeline)
    if request.mode == "idle" or request.ifRunning != "start" or state.may_have_started:
        return _unless_running(state, codepipeline)
    return _start(state, codepipeline)


def _start(state: RunState, codepipeline: CodePipelineClient) -> dict[str, Any]:
    if state.request.remaining(clock.now()) <= 0:
        # What it waited for ended too late: a target is not started to be given up at once.
        return _end(Outcome.TIMED_OUT, deadline=state.request.deadline)
    request = {
        "variables": state.request.variables,
        "sourceRevisions": state.request.sourceRevisions,
    }
    with target_refused(state.target, "StartPipelineExecution"):
        started = codepipeline.start_pipeline_execution(
            name=state.target.pipelineName,
            # The same for every attempt of this start: CodePipeline starts it once.
            clientRequestToken=state.target.roleSessionName,
            **{name: value for name, value in request.items() if value},  # type: ignore[arg-type]
        )
    return _follow(state, Execution(started["pipelineExecutionId"], clock.iso(clock.now())))


def _latest(state: RunState, codepipeline: CodePipelineClient) -> dict[str, Any]:
    executions = newest_executions(state.target, codepipeline=codepipeline, most=1)
    if executions:
        return _follow(state, _execution(executions[0]))
    if state.request.onNeverRun == "succeed":
        return _end(Outcome.IDLE, neverRun=True)
    raise PipelineNeverRun(
        f"The pipeline {state.target} has no execution that could be followed. Start it once, "
        'use mode "start" (trigger true in input of aws-codepipeline-waiter), or let onNeverRun '
        'be "succeed".'
    )


def _given(state: RunState, execution_id: str, codepipeline: CodePipelineClient) -> Execution:
    """The execution with this id, which has to exist; its times are read when it has ended."""
    with target_refused(state.target, "GetPipelineExecution"):
        codepipeline.get_pipeline_execution(
            pipelineName=state.target.pipelineName, pipelineExecutionId=execution_id
        )
    return Execution(execution_id, None)


def _unless_running(state: RunState, codepipeline: CodePipelineClient) -> dict[str, Any]:
    executions = newest_executions(state.target, codepipeline=codepipeline)
    # An earlier attempt of this start may have taken effect although its answer was lost. Session
    # names hold the run's ARN and start time, so that no other run's execution is taken for it.
    own = started_by(executions, state.target.roleSessionName)
    if own is not None:
        return _follow(state, _execution(own))
    running = unfinished(executions)
    until_idle = state.request.mode == "idle" or state.request.ifRunning == "wait"
    if until_idle and state.request.remaining(clock.now()) > 0:  # there is time for a second look
        running = running or just_failed(executions, clock.now())
    if state.request.mode == "idle":
        return _wait(state, running) if running else _end(Outcome.IDLE)
    if not running or state.request.ifRunning == "start":
        return _start(state, codepipeline)
    match state.request.ifRunning:
        case "join" if state.request.wait:
            # One that is being stopped is joined only if there is no other.
            in_progress = [each for each in running if each["status"] == "InProgress"]
            return _follow(state, _execution((in_progress or running)[0]))
        case "join" | "skip":
            return _end(Outcome.SKIPPED, _execution(running[0]), running[0]["status"])
        case _:
            return _wait(state, running)


def _follow(state: RunState, execution: Execution) -> dict[str, Any]:
    logger.info(
        "the execution to follow",
        pipelineExecutionId=execution.pipelineExecutionId,
        target=state.target.arn,
        mode=state.request.mode,
    )
    if not state.request.wait:
        return _end(Outcome.STARTED, execution)
    return {
        "ended": False,
        "execution": execution.to_document(),
        "standing": standing(
            state.target, execution.pipelineExecutionId, "InProgress", state.progress
        ),
    }


def _wait(state: RunState, running: list[Summary]) -> dict[str, Any]:
    """Look again later, at once when what runs may have ended: a failed one is looked at twice."""
    blockers = [each["pipelineExecutionId"] for each in running]
    status = running[0]["status"]
    made = _look_later(state, status, blockers)
    if status == Outcome.FAILED and not made["ended"]:
        made["waitSeconds"] = min(made["waitSeconds"], CONFIRM_FAILED)
    return made


def _look_later(
    state: RunState, status: str, blockers: list[str], reason: str | None = None
) -> dict[str, Any]:
    """Wait before the next attempt, or give up at the deadline."""
    now = clock.now()
    remaining = state.request.remaining(now)
    blockers = blockers[:_MOST_BLOCKERS]
    logger.info("the target is not idle", status=status, executions=blockers, reason=reason)
    if remaining <= 0:
        deadline = state.request.deadline
        return _end(Outcome.TIMED_OUT, None, status, deadline=deadline, waitedFor=blockers or None)
    polls, age = state.progress.polls, state.request.age(now)
    seconds = wait_seconds(
        of_unknown(age),
        age=age,
        remaining=remaining,
        polls=polls + 1,
        poll_cost=state.request.pollCost,
    )
    return {
        "ended": False,
        "waitSeconds": state.within_lease(seconds, now),
        "execution": None,
        "progress": Progress(polls + 1).to_document(),
        "standing": standing_before_start(state.target, status, blockers),
    }


def _end(
    outcome: Outcome, execution: Execution | None = None, status: str | None = None, **more: Any
) -> dict[str, Any]:
    report = {"outcome": outcome, "status": status, **more}
    return {
        "ended": True,
        "execution": execution.to_document() if execution else None,
        "report": {name: value for name, value in report.items() if value is not None},
    }


def _execution(summary: Mapping[str, Any]) -> Execution:
    return Execution(summary["pipelineExecutionId"], clock.iso(summary["startTime"]))
