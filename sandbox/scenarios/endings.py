"""How the executions of a play have ended, and how often its faults have struck, as lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.scenarios import durations
from sandbox.scenarios.faults import DURATIONS, KINDS, OWN_NAMES, members_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_codepipeline import CodePipelineClient

    from sandbox.scenarios.model import Fault, PipelineKey
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


def struck(play: Play) -> Iterator[str]:
    """A line for each fault, since one that never struck may select what nobody does."""
    if play.scenario.faults:
        yield ""
    for fault in play.scenario.faults:
        times = play.cloud.faults.struck(fault)
        often = {0: "never", 1: "once"}.get(times, f"{times} times")
        yield f"struck {often:<12}  {_told(fault)}"


def _told(fault: Fault) -> str:
    """The fault as a scenario writes it."""
    kind = next(kind for kind, each in KINDS.items() if isinstance(fault, each))
    said = {kind: fault.kind}
    for name in members_of(kind):
        field = OWN_NAMES.get(name, name)
        value = getattr(fault, field)
        if value != getattr(type(fault)(fault.kind), field):
            said[name] = durations.shown(value) if name in DURATIONS else value
    return ", ".join(f"{name}: {value}" for name, value in said.items())


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
