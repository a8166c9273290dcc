"""How the executions of a play have ended, as lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.scenarios import durations

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_codepipeline import CodePipelineClient

    from sandbox.scenarios.model import PipelineKey
    from sandbox.scenarios.play import Play


def endings(play: Play) -> Iterator[str]:
    """A line for each execution, by pipeline, oldest first."""
    for key, executions in play.executions.items():
        client = play.cloud.session(key.account, key.region).client("codepipeline")
        summaries = _summaries(client, key)
        for number, execution in enumerate(executions, start=1):
            summary = summaries.get(execution)
            if summary is None:
                yield f"{key.account}  {key.name:<20}  {number}  gone, with its pipeline"
                continue
            took = (summary["lastUpdateTime"] - summary["startTime"]).total_seconds()
            ended = f"{summary['status']} after {durations.shown(round(took))}"
            yield f"{key.account}  {key.name:<20}  {number}  {ended}"


def _summaries(client: CodePipelineClient, key: PipelineKey) -> dict[str, Any]:
    """What ListPipelineExecutions says, by execution; nothing if the pipeline is gone."""
    pages = client.get_paginator("list_pipeline_executions").paginate(pipelineName=key.name)
    try:
        return {
            summary["pipelineExecutionId"]: summary
            for page in pages
            for summary in page["pipelineExecutionSummaries"]
        }
    except client.exceptions.PipelineNotFoundException:
        return {}
