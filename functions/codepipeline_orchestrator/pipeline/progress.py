"""Where in its pipeline an execution is, from what AWS shows. It never decides an outcome."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from codepipeline_orchestrator.model.outcome import UNFINISHED
from codepipeline_orchestrator.model.progress import (
    DisabledTransition,
    PendingApproval,
    Progress,
    RunningAction,
)
from codepipeline_orchestrator.pipeline.failed_action import is_approval
from codepipeline_orchestrator.text import plain

_LONGEST = 300  # characters of what somebody in the target's account wrote
_MOST_ACTIONS = 10


def progress_in_stages(
    stages: Sequence[Mapping[str, Any]], execution_id: str, now: datetime
) -> Progress | None:
    """Where the execution is, from GetPipelineState's stageStates."""
    for stage in stages:
        latest = stage.get("latestExecution", {})
        if latest.get("pipelineExecutionId") == execution_id and latest["status"] in UNFINISHED:
            return _inside(stage, now, stopping=latest["status"] == "Stopping")
        if execution_id in _inbound(stage):
            return _in_front(stage)
    return None


def progress_in_actions(details: Sequence[Mapping[str, Any]], now: datetime) -> Progress | None:
    """Where an execution is, from its ActionExecutionDetails."""
    running = [each for each in details if each.get("status") == "InProgress"]
    if not running:
        return None
    approval = None
    for each in running:
        if is_approval(each):
            approval = PendingApproval(each["actionName"], each.get("startTime"))
    latest = _latest((each["actionName"], each.get("startTime")) for each in running)
    return Progress(
        stage=running[0]["stageName"],
        actions=_names(running),
        approval=approval,
        latest=latest,
        seen=now if latest else None,
    )


def _inside(stage: Mapping[str, Any], now: datetime, *, stopping: bool) -> Progress:
    running = [
        action
        for action in stage["actionStates"]
        # A pending approval may have no status, only its token.
        if action.get("latestExecution", {}).get("status") == "InProgress"
        or _is_pending(action.get("latestExecution", {}))
    ]
    approval = None
    for action in running:
        if _is_pending(action["latestExecution"]):
            since = action["latestExecution"].get("lastStatusChange")
            approval = PendingApproval(action["actionName"], since)
    latest = _latest(
        (each["actionName"], each["latestExecution"].get("lastStatusChange")) for each in running
    )
    return Progress(
        stage=stage["stageName"],
        actions=_names(running),
        approval=approval,
        stopping=stopping,
        latest=latest,
        seen=now if latest else None,
    )


def _names(actions: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    return tuple(each["actionName"] for each in actions[:_MOST_ACTIONS])


def _is_pending(latest: Mapping[str, Any]) -> bool:
    return "token" in latest and latest.get("status", "InProgress") == "InProgress"


def _in_front(stage: Mapping[str, Any]) -> Progress:
    name, transition = stage["stageName"], stage.get("inboundTransitionState", {})
    if transition.get("enabled") is False:
        disabled = DisabledTransition(
            by=plain(transition.get("lastChangedBy"), _LONGEST),
            reason=plain(transition.get("disabledReason"), _LONGEST),
            since=transition.get("lastChangedAt"),
        )
        return Progress(name, transition=disabled)
    occupant = stage.get("latestExecution", {})
    behind = occupant.get("pipelineExecutionId") if occupant.get("status") in UNFINISHED else None
    return Progress(name, behind=behind, waits=behind is None)


def _inbound(stage: Mapping[str, Any]) -> Iterator[str]:
    for each in (*stage.get("inboundExecutions", []), stage.get("inboundExecution", {})):
        if "pipelineExecutionId" in each:
            yield each["pipelineExecutionId"]


def _latest(begun: Iterator[tuple[str, datetime | None]]) -> RunningAction | None:
    """The action that began last."""
    known = [(since, action) for action, since in begun if since is not None]
    return RunningAction(max(known)[1], max(known)[0]) if known else None
