"""Creates the snapshots that show people what a run is waiting for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from codepipeline_orchestrator.model.links import execution_link
from codepipeline_orchestrator.model.progress import Progress
from codepipeline_orchestrator.model.snapshot import Snapshot
from codepipeline_orchestrator.model.state import Execution, Memory
from codepipeline_orchestrator.model.target import Target
from codepipeline_orchestrator.polling.pace import Pace

_MOST_PERCENT = 99  # percent; only an execution that has ended is at 100


def snapshot_of(
    target: Target, execution: Execution, status: str, memory: Memory, now: datetime
) -> Snapshot:
    """A snapshot of the execution that the run follows."""
    return Snapshot(
        target=str(target),
        status=status,
        pipeline_execution_id=execution.pipeline_execution_id,
        link=execution_link(target, execution.pipeline_execution_id),
        progress=memory.progress,
        percent=_percent(execution.age(now), Pace.of(memory.pace)),
    )


def snapshot_before_start(
    target: Target, status: str, waits_for: Sequence[str], progress: Progress | None = None
) -> Snapshot:
    """A snapshot of the target while the run has no execution to follow.

    `waits_for` lists the target's executions in progress, newest first, and `progress` is that of
    the newest one.
    """
    return Snapshot(str(target), status, progress=progress, waits_for=tuple(waits_for))


def _percent(age: float | None, pace: Pace | None) -> int | None:
    if pace is None or not pace.seconds or age is None:
        return None
    return max(0, min(_MOST_PERCENT, int(100 * age / pace.seconds)))
