"""Describes what a run is waiting for, for the people who watch its action."""

from __future__ import annotations

from codepipeline_orchestrator.messages.progress import progress_phrase
from codepipeline_orchestrator.model.report import BUSY, NOT_STARTED, UNREADABLE
from codepipeline_orchestrator.model.snapshot import Snapshot


def snapshot_sentence(snapshot: Snapshot) -> str:
    """What the run is waiting for, its progress, and a link to it."""
    if snapshot.pipeline_execution_id is None:
        return _before_start(snapshot)
    phrase = progress_phrase(snapshot.progress).rstrip(".")  # a reason may end with a period
    state = snapshot.status
    if phrase:  # more specific than InProgress
        state = phrase if state == "InProgress" else f"{state}, {phrase}"
    link = f": {snapshot.link}" if snapshot.link else ""
    return (
        f"Waiting for {snapshot.target}. It is {state}. "
        f"Execution {snapshot.pipeline_execution_id}{link}"
    )


def _before_start(snapshot: Snapshot) -> str:
    target, status = snapshot.target, snapshot.status
    if status == BUSY:
        return (
            f"Waiting to start {target}. It has as many executions in progress as CodePipeline "
            "allows."
        )
    if status == UNREADABLE:
        return f"AWS is not answering for {target}. Retrying."
    if status == NOT_STARTED:
        return f"Waiting for an execution of {target} that begins after startedAfter."
    if not snapshot.waits_for:
        return f"Waiting for {target} to become idle. It is {status}."
    newest, *more = snapshot.waits_for
    if status == "Failed":
        return f"Waiting for {target} to become idle. Execution {newest} has just failed."
    phrase = progress_phrase(snapshot.progress)
    where = f", {phrase}" if phrase else ""
    others = f" Also in progress: {len(more)} more." if more else ""
    return (
        f"Waiting for {target} to become idle. Execution {newest} is still {status}{where}.{others}"
    )
