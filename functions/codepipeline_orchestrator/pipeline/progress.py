"""Where in its pipeline an execution stands. It serves people; it never decides an outcome."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from codepipeline_orchestrator import clock
from codepipeline_orchestrator.text import plain

if TYPE_CHECKING:
    from mypy_boto3_codepipeline import CodePipelineClient

    from codepipeline_orchestrator.model.target import Target

_GOING_ON = {"InProgress", "Stopping"}
_LONGEST = 300  # characters of what somebody in the target's account wrote
_MOST_ACTIONS = 10


def find_progress(
    target: Target, execution_id: str, *, codepipeline: CodePipelineClient
) -> dict[str, Any]:
    """Stage, running actions, approval, disabled transition or queue: what there is of these.

    Empty when nothing of it is known, as between two stages. botocore's errors pass.
    """
    state = codepipeline.get_pipeline_state(name=target.pipelineName)
    stages: list[Any] = state.get("stageStates", [])
    if not any("actionStates" in stage for stage in stages):
        # A PARALLEL pipeline has no state (User Guide, execution-modes).
        return _from_actions(target, execution_id, codepipeline)
    for stage in stages:
        latest = stage.get("latestExecution", {})
        if latest.get("pipelineExecutionId") == execution_id and latest["status"] in _GOING_ON:
            stopping = {"stopping": True} if latest["status"] == "Stopping" else {}
            return {"stage": stage["stageName"], **_inside(stage), **stopping}
        if execution_id in _inbound(stage):
            return {"stage": stage["stageName"], **_in_front(stage)}
    return {}


def _inside(stage: Mapping[str, Any]) -> dict[str, Any]:
    running = [
        action
        for action in stage["actionStates"]
        # A pending approval may have no status, only its token.
        if action.get("latestExecution", {}).get("status") == "InProgress"
        or _is_pending(action.get("latestExecution", {}))
    ]
    found: dict[str, Any] = {"actions": [each["actionName"] for each in running[:_MOST_ACTIONS]]}
    for action in running:
        latest = action["latestExecution"]
        if _is_pending(latest):
            since = latest.get("lastStatusChange")
            found["approval"] = {"action": action["actionName"], **_since(since)}
    begun = [
        (action["latestExecution"]["lastStatusChange"], action["actionName"])
        for action in running
        if "lastStatusChange" in action["latestExecution"]
    ]
    return found | _latest(begun)


def _is_pending(latest: Mapping[str, Any]) -> bool:
    return "token" in latest and latest.get("status", "InProgress") == "InProgress"


def _in_front(stage: Mapping[str, Any]) -> dict[str, Any]:
    transition = stage.get("inboundTransitionState", {})
    if transition.get("enabled") is False:
        disabled = {
            "by": plain(transition.get("lastChangedBy"), _LONGEST),
            "reason": plain(transition.get("disabledReason"), _LONGEST),
            **_since(transition.get("lastChangedAt")),
        }
        return {"transition": {name: value for name, value in disabled.items() if value}}
    holder = stage.get("latestExecution", {})
    behind = holder.get("pipelineExecutionId") if holder.get("status") in _GOING_ON else None
    return {"behind": behind} if behind else {"waits": True}


def _inbound(stage: Mapping[str, Any]) -> Iterator[str]:
    for each in (*stage.get("inboundExecutions", []), stage.get("inboundExecution", {})):
        if "pipelineExecutionId" in each:
            yield each["pipelineExecutionId"]


def _from_actions(
    target: Target, execution_id: str, codepipeline: CodePipelineClient
) -> dict[str, Any]:
    details = codepipeline.list_action_executions(
        pipelineName=target.pipelineName, filter={"pipelineExecutionId": execution_id}
    )["actionExecutionDetails"]
    running: list[Any] = [each for each in details if each.get("status") == "InProgress"]
    if not running:
        return {}
    found: dict[str, Any] = {
        "stage": running[0]["stageName"],
        "actions": [each["actionName"] for each in running[:_MOST_ACTIONS]],
    }
    for each in running:
        if each.get("input", {}).get("actionTypeId", {}).get("category") == "Approval":
            found["approval"] = {"action": each["actionName"], **_since(each.get("startTime"))}
    begun = [(each["startTime"], each["actionName"]) for each in running if "startTime" in each]
    return found | _latest(begun)


def _latest(begun: Sequence[tuple[datetime, str]]) -> dict[str, Any]:
    """The action that began last, and when the answer was read: the pace goes on from there."""
    if not begun:
        return {}
    since, action = max(begun)
    latest = {"action": action, "since": clock.iso(since)}
    return {"latest": latest, "seen": clock.iso(clock.now())}


def _since(time: Any) -> dict[str, str]:
    return {"since": clock.iso(time)} if time is not None else {}


def worth_showing(before: Mapping[str, Any] | None, now: Mapping[str, Any] | None) -> bool:
    """Whether people who know where it stood should be told anew: another stage, another wait."""
    told = ("stage", "approval", "transition", "behind")
    return now is not None and any((before or {}).get(name) != now.get(name) for name in told)
