"""Makes the snapshots that the states of a run leave for people who watch it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from codepipeline_orchestrator.model.links import execution_link
from codepipeline_orchestrator.model.progress import Progress
from codepipeline_orchestrator.model.snapshot import Snapshot
from codepipeline_orchestrator.model.state import Execution, Memory
from codepipeline_orchestrator.model.target import Target
from codepipeline_orchestrator.polling.pace import Pace

_NOT_YET_DONE = 99  # percent; only the end is 100


def snapshot_of(
    target: Target, execution: Execution, status: str, memory: Memory, now: datetime
) -> Snapshot:
    """The snapshot of an execution that the run follows."""
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
    """The snapshot while the target is not idle; `waits_for` has its executions, newest first.

    `progress` is that of the newest.
    """
    return Snapshot(str(target), status, progress=progress, waits_for=tuple(waits_for))


def _percent(age: float | None, pace: Pace | None) -> int | None:
    """How far it is if it takes as long as it usually does."""
    if pace is None or not pace.seconds or age is None:
        return None
    return max(0, min(_NOT_YET_DONE, int(100 * age / pace.seconds)))
