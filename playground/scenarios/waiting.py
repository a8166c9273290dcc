"""Finds the pending approval that an act answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_codepipeline import CodePipelineClient

    from playground.scenarios.model import Place


class Impossible(Exception):
    """The act cannot be performed, for example because no approval is pending."""


def token_of(client: CodePipelineClient, place: Place, execution: str | None) -> str:
    """Find the token of the waiting action, or raise Impossible if the action is not waiting.

    A PARALLEL pipeline has no state, so its action executions are searched. If the action is
    waiting in several executions, the given execution is preferred, then the newest one.
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
    pages = client.get_paginator("list_action_executions").paginate(
        pipelineName=place.pipeline.name
    )
    for run in (run for page in pages for run in page["actionExecutionDetails"]):
        result = run.get("output", {}).get("executionResult", {})
        here = (run["stageName"], run["actionName"]) == (place.stage, place.action)
        if here and run["status"] == "InProgress" and "externalExecutionId" in result:
            yield run["pipelineExecutionId"], result["externalExecutionId"]
