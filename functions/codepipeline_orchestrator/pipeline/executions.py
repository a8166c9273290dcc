"""Picks from the target's executions, as ListPipelineExecutions lists them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from codepipeline_orchestrator.model.outcome import CONFIRM_FAILED, UNFINISHED

Summary = Mapping[str, Any]  # PipelineExecutionSummary


def unfinished(executions: Iterable[Summary]) -> list[Summary]:
    """Those that have not ended, newest first."""
    return [each for each in executions if each["status"] in UNFINISHED]


def just_failed(executions: Iterable[Summary], now: datetime) -> list[Summary]:
    """Those that failed a moment ago: a stage with automatic retry may go on yet."""
    return [
        each
        for each in executions
        if each["status"] == "Failed"
        and (now - each["lastUpdateTime"]).total_seconds() < CONFIRM_FAILED
    ]


def started_by(executions: Iterable[Summary], session_name: str) -> Summary | None:
    """The execution that the role session of this name started, if it did.

    The trigger of an execution tells the ARN of the session that called StartPipelineExecution
    (API TriggerDetail), and a run's session name is its own.
    """
    for each in executions:
        trigger = each.get("trigger", {})
        if trigger.get("triggerType") == "StartPipelineExecution" and str(
            trigger.get("triggerDetail")
        ).endswith(f"/{session_name}"):
            return each
    return None


def successor(executions: Iterable[Summary], superseded_id: str) -> Summary | None:
    """The execution that superseded this one: the next newer that had not ended before.

    Executions never overtake each other inside a stage, so of those that were alive at that moment
    the oldest is the one that arrived in front of the same stage. None if it cannot be told.
    """
    newer: list[Summary] = []
    for each in executions:
        if each["pipelineExecutionId"] == superseded_id:
            break
        newer.append(each)
    else:
        return None
    alive = [
        other
        for other in newer
        if other.get("executionType") != "ROLLBACK"
        and (other["status"] in UNFINISHED or other["lastUpdateTime"] >= each["lastUpdateTime"])
    ]
    return alive[-1] if alive else None
