"""Now and then a look at more than the status: where the target stands, and how fast it usually is.

People read it, and it says when to look again; no outcome rests on it, so what is denied or
throttled here is only missing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from codepipeline_orchestrator import clock
from codepipeline_orchestrator.pipeline.progress import find_progress
from codepipeline_orchestrator.polling.forecast import step_is_over
from codepipeline_orchestrator.polling.typical_durations import Pace, measure
from codepipeline_orchestrator.telemetry import logger

if TYPE_CHECKING:
    from mypy_boto3_codepipeline import CodePipelineClient

    from codepipeline_orchestrator.model.state import Progress, RunState
    from codepipeline_orchestrator.model.target import Target

_EVERY = 4  # looks; between them the last answer is shown again
_TRIES = 8  # looks; AWS throttles when many begin
_PAGE = 100  # action executions, the most of one call: 20 executions of 5 actions


def look_around(
    state: RunState,
    progress: Progress,
    *,
    connect: Callable[[Target], CodePipelineClient],
) -> Progress:
    """The progress with where the target stands, and with the pace of its pipeline."""
    assert state.execution is not None
    execution_id = state.execution.pipelineExecutionId
    try:
        codepipeline = connect(state.target)
        where = find_progress(state.target, execution_id, codepipeline=codepipeline)
    except Exception as error:  # noqa: BLE001 - whatever it is, the target is followed all the same
        logger.warning("it is not known where the target stands", error=_said(error))
        tried: dict[str, Any] | None = {} if progress.polls >= _TRIES else None
        return replace(progress, where=None, pace=progress.pace or tried)
    if progress.pace is None:
        progress = replace(progress, pace=_pace(state.target, execution_id, codepipeline))
    return replace(progress, where=_carried_on(progress.where, where) or None)


def _carried_on(before: dict[str, Any] | None, now: dict[str, Any]) -> dict[str, Any]:
    """Where it stands now, with the action that began last also if only others still run.

    They began before it, side by side; a step lasts until the next action begins.
    """
    latest = (before or {}).get("latest")
    if latest is None or "latest" not in now or (before or {})["stage"] != now["stage"]:
        return now
    return {**now, "latest": max(latest, now["latest"], key=_began)}


def _began(latest: dict[str, str]) -> datetime:
    return datetime.fromisoformat(latest["since"])


def runs_an_action(progress: Progress) -> bool:
    """Whether the target was last seen with an action that runs, and is not being stopped."""
    where = progress.where or {}
    return bool(where.get("actions")) and "stopping" not in where


def is_due(progress: Progress) -> bool:
    """Whether it has probably come further; where that is not known, every now and then."""
    if progress.pace is None:
        return True
    over = step_is_over(Pace.of(progress.pace), progress.where, clock.now())
    return progress.polls % _EVERY == 0 if over is None else over


def _pace(target: Target, but: str, codepipeline: CodePipelineClient) -> dict[str, object]:
    """The pace of the pipeline's recent executions; empty if it is not known."""
    try:
        actions = codepipeline.list_action_executions(
            pipelineName=target.pipelineName, maxResults=_PAGE
        )["actionExecutionDetails"]
        pace = measure(actions, but=but)
    except Exception as error:  # noqa: BLE001 - as above
        logger.warning("it is not known how long the target takes", error=_said(error))
        return {}
    return pace.to_document() if pace else {}


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
