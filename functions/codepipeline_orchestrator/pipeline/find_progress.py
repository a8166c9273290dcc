"""Finds an execution's progress, which never decides an outcome."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from codepipeline_orchestrator.model.outcome import UNFINISHED
from codepipeline_orchestrator.model.progress import (
    DisabledTransition,
    PendingApproval,
    Progress,
    RunningAction,
    RunningRule,
)
from codepipeline_orchestrator.pipeline.failed_action import is_approval
from codepipeline_orchestrator.pipeline.unmet_condition import rules_with_status
from codepipeline_orchestrator.text import plain

if TYPE_CHECKING:
    from codepipeline_orchestrator.aws.answers import (
        ActionDetail,
        ActionState,
        LatestRun,
        StageState,
    )

_LONGEST = 300  # maximum length of a text from the target's account
_MOST_ACTIONS = 10


def shows_execution(stages: Sequence[StageState], execution_id: str) -> bool:
    """Whether GetPipelineState shows the execution, in a stage or waiting to enter one."""
    return any(
        stage.latest_execution.pipeline_execution_id == execution_id
        or execution_id in _inbound(stage)
        for stage in stages
    )


def progress_in_stages(stages: Sequence[StageState], execution_id: str) -> Progress | None:
    """The progress of the execution, from GetPipelineState's stageStates."""
    for stage in stages:
        latest = stage.latest_execution
        if stage.stage_name is None:
            continue
        if latest.pipeline_execution_id == execution_id and latest.status in UNFINISHED:
            stopping = latest.status == "Stopping"
            inside = _inside(stage.stage_name, stage.action_states, stopping=stopping)
            return inside if inside.actions else replace(inside, rule=_running_rule(stage))
        if execution_id in _inbound(stage):
            return _in_front(stage.stage_name, stage)
    return None


def progress_in_actions(details: Iterable[ActionDetail]) -> Progress | None:
    """The progress of an execution, from its ActionExecutionDetails, newest first."""
    running = [
        (each.stage_name, _Running(each.action_name, each.start_time, is_approval(each)))
        for each in details
        if each.status == "InProgress" and each.stage_name and each.action_name
    ]
    if not running:
        return None
    return _progress(running[0][0], [action for _, action in running])


@dataclass(frozen=True)
class _Running:
    name: str
    since: datetime | None
    awaits_approval: bool


def _inside(stage: str, actions: Iterable[ActionState], *, stopping: bool) -> Progress:
    running = [
        _Running(each.action_name, latest.last_status_change, _is_pending(latest))
        for each in actions
        for latest in [each.latest_execution]
        # A pending approval may have only a token and no status.
        if each.action_name and (latest.status == "InProgress" or _is_pending(latest))
    ]
    return _progress(stage, running, stopping=stopping)


def _progress(stage: str, running: Sequence[_Running], *, stopping: bool = False) -> Progress:
    approvals = [PendingApproval(each.name, each.since) for each in running if each.awaits_approval]
    return Progress(
        stage=stage,
        actions=tuple(each.name for each in running[:_MOST_ACTIONS]),
        approval=approvals[-1] if approvals else None,
        stopping=stopping,
        latest=_latest(running),
    )


def _is_pending(latest: LatestRun) -> bool:
    return latest.token is not None and latest.status in {None, "InProgress"}


def _in_front(name: str, stage: StageState) -> Progress:
    transition = stage.inbound_transition_state
    if transition.enabled is False:
        disabled = DisabledTransition(
            by=plain(transition.last_changed_by, _LONGEST),
            reason=plain(transition.disabled_reason, _LONGEST),
            since=transition.last_changed_at,
        )
        return Progress(name, transition=disabled)
    occupant = stage.latest_execution
    behind = occupant.pipeline_execution_id if occupant.status in UNFINISHED else None
    return Progress(name, behind=behind, waits=behind is None)


def _inbound(stage: StageState) -> set[str | None]:
    inbound = (*stage.inbound_executions, stage.inbound_execution)
    return {each.pipeline_execution_id for each in inbound}


def _running_rule(stage: StageState) -> RunningRule | None:
    for condition, running in rules_with_status(stage, {"InProgress"}):
        name = plain(running.rule_name, _LONGEST) or "?"
        return RunningRule(condition, name, running.latest_execution.last_status_change)
    return None


def _latest(running: Iterable[_Running]) -> RunningAction | None:
    known = [(each.since, each.name) for each in running if each.since is not None]
    return RunningAction(max(known)[1], max(known)[0]) if known else None
