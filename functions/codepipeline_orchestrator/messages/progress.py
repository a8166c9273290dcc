"""Where a target execution is, as a phrase."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

_MOST_SHOWN = 4  # actions in a phrase: a summary holds 2,048 characters


def progress_phrase(where: Mapping[str, Any]) -> str:
    """The same for people, to follow "It is ": "in stage Deploy, action Rollout"."""
    if not where:
        return ""
    stage = f"stage {where['stage']}"
    if "approval" in where:
        return (
            f"in {stage}: action {where['approval']['action']} waits for somebody's approval"
            f"{_said_since(where['approval'])}"
        )
    if "actions" in where:
        return f"in {stage}{_named(where['actions'])}"
    if "transition" in where:
        by = f" by {where['transition']['by']}" if "by" in where["transition"] else ""
        why = where["transition"].get("reason")
        return (
            f"in front of {stage}, whose transition was disabled{by}"
            f"{_said_since(where['transition'])}{f': {why}' if why else ''}"
        )
    if "behind" in where:
        return f"in front of {stage}, behind execution {where['behind']}"
    return f"in front of {stage}"


def _named(actions: Sequence[str]) -> str:
    if not actions:
        return ""
    shown, more = ", ".join(actions[:_MOST_SHOWN]), len(actions) - _MOST_SHOWN
    others = f" and {more} more" if more > 0 else ""
    return f", action{'s' if actions[1:] else ''} {shown}{others}"


def _said_since(part: Mapping[str, Any]) -> str:
    return f" since {part['since'][:16].replace('T', ' ')} UTC" if "since" in part else ""
