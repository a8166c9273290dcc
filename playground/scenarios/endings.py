"""Describes how the executions of a play ended, and how many times its faults struck."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from playground.scenarios import durations
from playground.scenarios.faults import DURATIONS, KINDS, OWN_NAMES, members_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_codepipeline import CodePipelineClient

    from playground.scenarios.model import Fault, PipelineKey
    from playground.scenarios.play import Play


def endings(play: Play) -> Iterator[str]:
    """Yield a line for each execution, grouped by pipeline, with the oldest first."""
    for key, executions in play.executions.items():
        client = play.cloud.session(key.account, key.region).client("codepipeline")
        summaries = _summaries(client, key)
        for number, execution in enumerate(executions, start=1):
            summary = summaries.get(execution)
            if summary is None:
                yield f"{key.account}  {key.name:<20}  {number}  deleted with its pipeline"
                continue
            took = (summary["lastUpdateTime"] - summary["startTime"]).total_seconds()
            ended = f"{summary['status']} after {durations.shown(round(took))}"
            yield f"{key.account}  {key.name:<20}  {number}  {ended}"


def struck(play: Play) -> Iterator[str]:
    """Yield a line for each fault, because a fault that never struck may be a mistake."""
    if play.scenario.faults:
        yield ""
    for fault in play.scenario.faults:
        times = play.cloud.faults.struck(fault)
        often = {0: "never struck", 1: "struck once"}.get(times, f"struck {times} times")
        yield f"{often:<19}  {_told(fault)}"


def _told(fault: Fault) -> str:
    kind = next(kind for kind, each in KINDS.items() if isinstance(fault, each))
    members = {kind: fault.kind}
    for name in members_of(kind):
        field = OWN_NAMES.get(name, name)
        value = getattr(fault, field)
        if value != getattr(type(fault)(fault.kind), field):
            members[name] = durations.shown(value) if name in DURATIONS else value
    return ", ".join(f"{name}: {value}" for name, value in members.items())


def _summaries(client: CodePipelineClient, key: PipelineKey) -> dict[str, Any]:
    pages = client.get_paginator("list_pipeline_executions").paginate(pipelineName=key.name)
    try:
        return {
            summary["pipelineExecutionId"]: summary
            for page in pages
            for summary in page["pipelineExecutionSummaries"]
        }
    except client.exceptions.PipelineNotFoundException:
        return {}
