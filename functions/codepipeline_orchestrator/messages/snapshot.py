"""Where a target stands while it is being followed, for the people who watch the action."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from codepipeline_orchestrator.messages.progress import progress_phrase
from codepipeline_orchestrator.model.links import execution_link
from codepipeline_orchestrator.model.state import Progress
from codepipeline_orchestrator.model.target import Target
from codepipeline_orchestrator.polling.typical_durations import Pace

_NOT_YET_DONE = 99  # percent; only the end is 100


def standing(
    target: Target, execution_id: str, status: str, progress: Progress, age: float | None = None
) -> dict[str, Any]:
    """What a state leaves in the run's history for the next poll to read.

    `age` is how long the execution has been going, in seconds.
    """
    document = {
        "target": str(target),
        "pipelineExecutionId": execution_id,
        "status": status,
        "link": execution_link(target, execution_id),
        "where": progress.where,
        "percent": _percent(age, Pace.of(progress.pace)),
    }
    return {name: value for name, value in document.items() if value is not None}


def _percent(age: float | None, pace: Pace | None) -> int | None:
    """How far it is if it takes as long as it usually does."""
    if pace is None or not pace.seconds or age is None:
        return None
    return max(0, min(_NOT_YET_DONE, int(100 * age / pace.seconds)))


def standing_before_start(target: Target, status: str, blockers: list[str]) -> dict[str, Any]:
    """What a state leaves in the history while the target is not idle, newest execution first."""
    return {"target": str(target), "status": status, "waitsFor": blockers}


def describe(standing: Mapping[str, Any]) -> str:
    """One or two sentences: what is waited for, where it stands, and its link."""
    if "pipelineExecutionId" not in standing:
        return _describe_before_start(standing)
    where = progress_phrase(standing.get("where") or {})
    link = f": {standing['link']}" if standing.get("link") else ""
    return (
        f"Waiting for {standing['target']}, execution {standing['pipelineExecutionId']}, "
        f"which is {standing['status']}{f', {where}' if where else ''}{link}"
    )


def _describe_before_start(standing: Mapping[str, Any]) -> str:
    target, blockers = standing["target"], standing["waitsFor"]
    if standing["status"] == "busy":
        return (
            f"Waiting to start {target}: it has as many executions in progress as CodePipeline "
            "allows."
        )
    if standing["status"] == "unreadable":
        return f"Waiting to reach {target}: AWS could not answer; it is asked again."
    if not blockers:
        return f"Waiting until nothing runs in {target}; it is {standing['status']} at present."
    newest, *more = blockers
    running = f"executions {newest} and {len(more)} more do" if more else f"execution {newest} does"
    return f"Waiting until nothing runs in {target}; now its {running}."
