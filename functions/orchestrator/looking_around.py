"""Now and then a look at more than the status: where the target stands, and how far it is.

People read it; no outcome rests on it, so what is denied or throttled here is only missing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from statistics import median
from typing import TYPE_CHECKING

from orchestrator import whereabouts
from orchestrator.telemetry import logger

if TYPE_CHECKING:
    from mypy_boto3_codepipeline import CodePipelineClient

    from orchestrator.run_state import Progress, RunState
    from orchestrator.target import Target

_FIRST_LOOKS = 2  # both tell, so that a new wait says soon what it waits for
_EVERY = 4  # looks; between them the last answer is shown again
_RECENT = 30  # executions, to see how long a success usually takes


def look_around(
    state: RunState,
    progress: Progress,
    *,
    at_the_end: bool,
    connect: Callable[[Target], CodePipelineClient],
) -> Progress:
    """The progress with where the target stands, and how long it usually takes, if due."""
    polls, is_new = progress.polls, progress.typicalSeconds is None
    if not (at_the_end or is_new or polls <= _FIRST_LOOKS or polls % _EVERY == 0):
        return progress
    assert state.execution is not None
    try:
        codepipeline = connect(state.target)
        if is_new:
            progress = replace(progress, typicalSeconds=_typical(state.target, codepipeline))
        where = whereabouts.find(
            state.target, state.execution.pipelineExecutionId, codepipeline=codepipeline
        )
    except Exception as error:  # noqa: BLE001 - whatever it is, the target is followed all the same
        logger.warning(
            "it is not known where the target stands", error=f"{type(error).__name__}: {error}"
        )
        return replace(progress, where=None, typicalSeconds=progress.typicalSeconds or 0)
    return replace(progress, where=where or None)


def _typical(target: Target, codepipeline: CodePipelineClient) -> int:
    """The median duration of recent successes, in whole seconds; 0 without any."""
    recent = codepipeline.list_pipeline_executions(
        pipelineName=target.pipelineName, maxResults=_RECENT
    )["pipelineExecutionSummaries"]
    durations = [
        (each["lastUpdateTime"] - each["startTime"]).total_seconds()
        for each in recent
        if each["status"] == "Succeeded" and each.get("executionType") != "ROLLBACK"
    ]
    return round(median(durations)) if durations else 0
