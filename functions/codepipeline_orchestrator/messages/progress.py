"""The progress of a target execution, as a phrase."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from codepipeline_orchestrator.model.progress import DisabledTransition, PendingApproval, Progress

_MOST_SHOWN = 4  # maximum number of actions, because a summary can hold 2,048 characters


def progress_phrase(progress: Progress | None) -> str:
    """The phrase after "It is ": "in stage Deploy, action Rollout". Empty if nothing is known."""
    if progress is None:
        return ""
    stage = f"stage {progress.stage}"
    if progress.approval is not None:
        return f"in {stage}: {_approval(progress.approval)}"
    if progress.actions is not None:
        return f"in {stage}{_actions(progress.actions)}"
    if progress.transition is not None:
        return f"waiting to enter {stage}, {_transition(progress.transition)}"
    if progress.behind is not None:
        return f"waiting to enter {stage}, behind execution {progress.behind}"
    return f"waiting to enter {stage}"


def _actions(names: Sequence[str]) -> str:
    if not names:
        return ""
    shown, more = ", ".join(names[:_MOST_SHOWN]), len(names) - _MOST_SHOWN
    others = f" and {more} more" if more > 0 else ""
    return f", action{'s' if names[1:] else ''} {shown}{others}"


def _approval(approval: PendingApproval) -> str:
    if approval.since is None:
        return f"action {approval.action} is waiting for approval"
    return f"action {approval.action} has been waiting for approval since {_utc(approval.since)}"


def _transition(transition: DisabledTransition) -> str:
    by = f" by {transition.by}" if transition.by else ""
    why = f": {transition.reason}" if transition.reason else ""
    at = f" at {_utc(transition.since)}" if transition.since else ""
    return f"whose transition was disabled{by}{at}{why}"


def _utc(time: datetime) -> str:
    return f"{time.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
