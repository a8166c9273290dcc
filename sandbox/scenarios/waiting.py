"""Finds the pending approval that an act answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_codepipeline import CodePipelineClient

    from sandbox.scenarios.model import Place


class Impossible(Exception):
    """An act cannot be performed, for example because there is no execution or no approval."""


def token_of(client: CodePipelineClient, place: Place, execution: str | None) -> str:
    """Find the waiting action's token in the pipeline's state or in the pipeline's executions.

    A PARALLEL pipeline has no state, and several of its actions can be waiting. The given execution
    is preferred, then the newest one. Raises Impossible if no action is waiting.
    """
    for token in _in_state(client, place):
        return token
    waiting = dict(_in_runs(client, place))
    if not waiting:
        raise Impossible(f"{place.stage}/{place.action} is not waiting for approval")
    return waiting.get(execution) or next(iter(waiting.values()))


def _in_state(client: CodePipelineClient, place: Place) -> Iterator[str]:
    for stage in client.get_pipeline_state(name=place.pipeline.name)["stageStates"]:
        for action in stage.get("actionStates", []):
            token = action.get("latestExecution", {}).get("token")
            here = (stage.get("stageName"), action.get("actionName")) == (place.stage, place.action)
            if here and token is not None:
                yield token


def _in_runs(client: CodePipelineClient, place: Place) -> Iterator[tuple[str | None, str]]:
    """Yield executions and their tokens, newest first."""
    pages = client.get_paginator("list_action_executions").paginate(
        pipelineName=place.pipeline.name
    )
    for run in (run for page in pages for run in page["actionExecutionDetails"]):
        result = run.get("output", {}).get("executionResult", {})
        here = (run["stageName"], run["actionName"]) == (place.stage, place.action)
        if here and run["status"] == "InProgress" and "externalExecutionId" in result:
            yield run["pipelineExecutionId"], result["externalExecutionId"]
