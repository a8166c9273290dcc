"""Where a target stands while it is being followed, for the people who watch the action."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from orchestrator.links import execution_link
from orchestrator.target import Target


def standing(target: Target, execution_id: str, status: str) -> dict[str, Any]:
    """What a state leaves in the run's history for the next poll to read."""
    return {
        "target": str(target),
        "pipelineExecutionId": execution_id,
        "status": status,
        "link": execution_link(target, execution_id),
    }


def describe(standing: Mapping[str, Any]) -> str:
    """One sentence: what is waited for, where it stands, and its link."""
    link = f": {standing['link']}" if standing.get("link") else ""
    return (
        f"Waiting for {standing['target']}, execution {standing['pipelineExecutionId']}, "
        f"which is {standing['status']}{link}"
    )
