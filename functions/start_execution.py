"""Starts the target execution, or finds the one to follow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from orchestrator import clients, clock, listing
from orchestrator.errors import PipelineNeverRun
from orchestrator.outcome import Outcome
from orchestrator.permissions import all_named
from orchestrator.run_state import Execution, Progress, RunState
from orchestrator.standing import standing, standing_before_start
from orchestrator.target_errors import target_refused
from orchestrator.telemetry import bind_run, logged, logger
from orchestrator.waiting import wait_seconds

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext
    from mypy_boto3_codepipeline import CodePipelineClient


@logged
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001
    """Return the execution to follow, or how long to wait, or the report when the run ends here."""
    bind_run(event["run"])
    state = RunState.of(event)
    with all_named(state):
        return begin(state, codepipeline=clients.target_codepipeline(state.target))


def begin(state: RunState, *, codepipeline: CodePipelineClient) -> dict[str, Any]:
    """What the request's mode means for the pipeline as it is now."""
    request = state.request
    if request.pipelineExecutionId is not None:
        return _follow(state, _given(state, request.pipelineExecutionId, codepipeline))
    if request.mode == "latest":
        return _latest(state, codepipeline)
    if request.mode == "idle" or request.ifRunning != "start":
        return _unless_running(state, codepipeline)
    return _start(state, codepipeline)


def _start(state: RunState, codepipeline: CodePipelineClient) -> dict[str, Any]:
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
    executions = listing.newest(state.target, codepipeline=codepipeline, most=1)
    if executions:
        return _follow(state, _execution(executions[0]))
    if state.request.onNeverRun == "succeed":
        return _end(Outcome.IDLE)
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
    executions = listing.newest(state.target, codepipeline=codepipeline)
    # An earlier attempt of this start may have taken effect although its answer was lost.
    own = listing.started_by(executions, state.target.roleSessionName)
    if own is not None:
        return _follow(state, _execution(own))
    running = listing.going_on(executions)
    if state.request.mode == "idle":
        return _wait(state, running) if running else _end(Outcome.IDLE)
    if not running:
        return _start(state, codepipeline)
    match state.request.ifRunning:
        case "join" if state.request.wait:
            return _follow(state, _execution(running[0]))
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


def _wait(state: RunState, running: list[listing.Summary]) -> dict[str, Any]:
    """Look again later, or give up at the deadline."""
    blockers = [each["pipelineExecutionId"] for each in running]
    remaining = state.request.remaining(clock.now())
    logger.info("the target is not idle", executions=blockers[:10])
    if remaining <= 0:
        report = {"status": running[0]["status"], "deadline": state.request.deadline}
        return _end(Outcome.TIMED_OUT, None, **report, waitedFor=blockers[:10])
    polls = state.progress.polls
    seconds = wait_seconds(age=state.request.age(clock.now()), remaining=remaining, polls=polls)
    return {
        "ended": False,
        "waitSeconds": seconds,
        "execution": None,
        "progress": Progress(polls + 1).to_document(),
        "standing": standing_before_start(state.target, blockers),
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
