"""The progress of a target execution, as a phrase."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from codepipeline_orchestrator.model.progress import (
    DisabledTransition,
    PendingApproval,
    Progress,
    RunningRule,
)

_MOST_SHOWN = 4  # maximum number of actions, because a summary can hold 2,048 characters


def _utc(time: datetime) -> str:
    return f"{time.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def progress_phrase(progress: Progress | None, when: Callable[[datetime], str] = _utc) -> str:
    """The phrase after "It is ": "in stage Deploy, action Rollout". Empty if nothing is known.

    `when` formats the times in it.
    """
    if progress is None:
        return ""
    stage = f"stage {progress.stage}"
    if progress.approval is not None:
        return f"in {stage}: {_approval(progress.approval, when)}"
    if progress.actions is not None:
        rule = progress.rule
        return f"in {stage}{_rule(rule, when) if rule else _actions(progress.actions)}"
    if progress.transition is not None:
        return f"waiting to enter {stage}, {_transition(progress.transition, when)}"
    if progress.behind is not None:
        return f"waiting to enter {stage}, behind execution {progress.behind}"
    return f"waiting to enter {stage}"


def _actions(names: Sequence[str]) -> str:
    if not names:
        return ""
    shown, more = ", ".join(names[:_MOST_SHOWN]), len(names) - _MOST_SHOWN
    others = f" and {more} more" if more > 0 else ""
    return f", action{'s' if names[1:] else ''} {shown}{others}"


def _approval(approval: PendingApproval, when: Callable[[datetime], str]) -> str:
    if approval.since is None:
        return f"action {approval.action} is waiting for approval"
    return f"action {approval.action} has been waiting for approval since {when(approval.since)}"


def _rule(running: RunningRule, when: Callable[[datetime], str]) -> str:
    since = f" since {when(running.since)}" if running.since else ""
    return f", waiting for rule {running.rule} of condition {running.condition}{since}"


def _transition(transition: DisabledTransition, when: Callable[[datetime], str]) -> str:
    by = f" by {transition.by}" if transition.by else ""
    why = f": {transition.reason}" if transition.reason else ""
    at = f" at {when(transition.since)}" if transition.since else ""
    return f"whose transition was disabled{by}{at}{why}"
