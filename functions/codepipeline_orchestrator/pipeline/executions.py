"""Picks from the target's executions, as ListPipelineExecutions lists them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from codepipeline_orchestrator.model.outcome import CONFIRM_FAILED, UNFINISHED

Summary = Mapping[str, Any]  # PipelineExecutionSummary


def latest(executions: Iterable[Summary], after: datetime | None) -> Summary | None:
    """The execution that began last, at `after` or later if that is given."""
    counting = [each for each in executions if after is None or each["startTime"] >= after]
    return max(counting, key=lambda each: each["startTime"], default=None)


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


# How long after the end of an execution its replacement may begin: the update that ended it starts
# the next one within seconds, and clocks differ.
REPLACED_WITHIN = timedelta(minutes=5)


def replacements(executions: Iterable[Summary], ended_id: str) -> list[Summary]:
    """The executions that may have replaced one that an update of the pipeline ended, oldest first.

    Whether one of them did, only its pipelineVersion shows, which the list does not have.
    """
    known = list(executions)
    ended = next((each for each in known if each["pipelineExecutionId"] == ended_id), None)
    if ended is None:
        return []
    latest = ended["lastUpdateTime"] + REPLACED_WITHIN
    later = [
        each
        for each in known
        if each.get("executionType") != "ROLLBACK"
        and ended["startTime"] < each["startTime"] <= latest
    ]
    return sorted(later, key=lambda each: each["startTime"])


def rollback_of(executions: Iterable[Summary], failed_id: str) -> Summary | None:
    """The execution that CodePipeline began to roll back the stage in which this one failed.

    https://docs.aws.amazon.com/codepipeline/latest/userguide/stage-rollback.html
    """
    for each in executions:
        trigger = each.get("trigger", {})
        is_automatic = trigger.get("triggerType") == "AutomatedRollback"
        if is_automatic and failed_id in str(trigger.get("triggerDetail")):
            return each
    return None
