"""The API operations for executions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from codepipeline_sandbox.codepipeline.api import descriptions, pagination
from codepipeline_sandbox.codepipeline.engine import latest_runs, requests, retries
from codepipeline_sandbox.codepipeline.exceptions import (
    NotLatestPipelineExecutionException,
    PipelineExecutionNotStoppableException,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from codepipeline_sandbox.codepipeline.engine.executions import Execution
    from codepipeline_sandbox.codepipeline.models import CodePipelineBackend

Document = dict[str, Any]


def start_pipeline_execution(
    backend: CodePipelineBackend,
    *,
    name: str,
    variables: Sequence[Mapping[str, str]] = (),
    source_revisions: Sequence[Mapping[str, str]] = (),
    client_request_token: str | None = None,
    caller: str,
) -> Document:
    """Start an execution, or return the one that was started earlier with the same token."""
    pipeline = backend.pipeline(name)
    asked = {"variables": variables, "sourceRevisions": source_revisions}
    execution_id = requests.remembered(pipeline, client_request_token, asked)
    if execution_id is None:
        execution_id = requests.start(pipeline, variables, source_revisions, caller=caller).id
        requests.remember(pipeline, client_request_token, asked, execution_id)
    return {"pipelineExecutionId": execution_id}


def stop_pipeline_execution(
    backend: CodePipelineBackend,
    *,
    pipeline_name: str,
    pipeline_execution_id: str,
    abandon: bool = False,
    reason: str | None = None,
) -> Document:
    """Stop an execution. Its running actions either complete first or are abandoned."""
    execution = backend.pipeline(pipeline_name).executions.get(pipeline_execution_id)
    if execution is None:  # the operation's model has no PipelineExecutionNotFoundException
        raise PipelineExecutionNotStoppableException(
            f"There is no pipeline execution {pipeline_execution_id} to stop"
        )
    execution.stop(abandon=abandon, reason=reason)
    return {"pipelineExecutionId": execution.id}


def retry_stage_execution(
    backend: CodePipelineBackend,
    *,
    pipeline_name: str,
    stage_name: str,
    pipeline_execution_id: str,
    retry_mode: str,
) -> Document:
    """Run a failed or stopped stage again."""
    pipeline = backend.pipeline(pipeline_name)
    execution = pipeline.executions.get(pipeline_execution_id)
    if execution is None:  # the operation's model has no PipelineExecutionNotFoundException
        raise NotLatestPipelineExecutionException(
            f"There is no pipeline execution {pipeline_execution_id} to retry"
        )
    run = retries.retryable(pipeline, stage_name, execution)
    pipeline.require_room()
    execution.retry(run, retry_mode)
    return {"pipelineExecutionId": execution.id}


def get_pipeline_execution(
    backend: CodePipelineBackend, *, pipeline_name: str, pipeline_execution_id: str
) -> Document:
    """Return one execution."""
    execution = backend.pipeline(pipeline_name).execution(pipeline_execution_id)
    return {"pipelineExecution": descriptions.execution(execution)}


def list_pipeline_executions(
    backend: CodePipelineBackend,
    *,
    pipeline_name: str,
    max_results: int = 100,
    filter: Mapping[str, Any] | None = None,  # noqa: A002 - the API's name
    next_token: str | None = None,
) -> Document:
    """List the pipeline's executions, newest first."""
    executions = backend.pipeline(pipeline_name).executions.values()
    stage = (filter or {}).get("succeededInStage", {}).get("stageName")
    return pagination.answer(
        "pipelineExecutionSummaries",
        [each for each in reversed(executions) if each.visible and _succeeded_in(each, stage)],
        descriptions.execution_summary,
        position=lambda execution: -execution.number,
        scope=["ListPipelineExecutions", pipeline_name, stage],
        size=max_results,
        token=next_token,
    )


def list_action_executions(
    backend: CodePipelineBackend,
    *,
    pipeline_name: str,
    max_results: int = 100,
    filter: Mapping[str, Any] | None = None,  # noqa: A002 - the API's name
    next_token: str | None = None,
) -> Document:
    """List the runs of the pipeline's actions, newest first."""
    wanted = dict(filter or {})
    executions = latest_runs.executions(backend.pipeline(pipeline_name), wanted)
    runs = [run for each in executions for run in each.action_runs]
    return pagination.answer(
        "actionExecutionDetails",
        latest_runs.wanted(runs, wanted, key=lambda run: run.name),
        descriptions.action,
        position=lambda run: -run.number,
        scope=["ListActionExecutions", pipeline_name, wanted],
        size=max_results,
        token=next_token,
    )


def _succeeded_in(execution: Execution, stage: str | None) -> bool:
    if stage is None:
        return True
    run = execution.stage_runs.get(stage)
    current = execution.version == execution.pipeline.version
    return current and run is not None and run.passed
