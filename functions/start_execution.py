"""Starts the target execution, or finds the one to follow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orchestrator import clients, clock
from orchestrator.errors import PipelineNeverRun
from orchestrator.outcome import Outcome
from orchestrator.run_state import Execution, RunState
from orchestrator.standing import standing
from orchestrator.target_errors import target_refused
from orchestrator.telemetry import bind_run, logged, logger

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext
    from mypy_boto3_codepipeline import CodePipelineClient


@logged
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001
    """Return the execution to follow, and the report when the run ends here."""
    bind_run(event["run"])
    state = RunState.of(event)
    codepipeline = clients.target_codepipeline(state.target)
    execution = find_or_start(state, codepipeline=codepipeline)
    logger.info(
        "the execution to follow",
        pipelineExecutionId=execution.pipelineExecutionId,
        target=state.target.arn,
        mode=state.request.mode,
    )
    ended = not state.request.wait
    return {
        "execution": execution.to_document(),
        "standing": standing(state.target, execution.pipelineExecutionId, "InProgress"),
        "ended": ended,
        "report": {"outcome": Outcome.STARTED} if ended else None,
    }


def find_or_start(state: RunState, *, codepipeline: CodePipelineClient) -> Execution:
    """The execution that the request's mode means."""
    if state.request.mode == "latest":
        return _latest(state, codepipeline)
    return _start(state, codepipeline)


def _start(state: RunState, codepipeline: CodePipelineClient) -> Execution:
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
    return Execution(started["pipelineExecutionId"], clock.iso(clock.now()))


def _latest(state: RunState, codepipeline: CodePipelineClient) -> Execution:
    with target_refused(state.target, "ListPipelineExecutions"):
        newest = codepipeline.list_pipeline_executions(
            pipelineName=state.target.pipelineName, maxResults=1
        )["pipelineExecutionSummaries"]
    if not newest:
        raise PipelineNeverRun(
            f"The pipeline {state.target} has no execution that could be followed. Start it once, "
            'or use mode "start" (trigger true in input of aws-codepipeline-waiter).'
        )
    return Execution(newest[0]["pipelineExecutionId"], clock.iso(newest[0]["startTime"]))
