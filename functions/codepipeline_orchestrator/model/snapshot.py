"""What a run shows about its target while it waits."""

from __future__ import annotations

from dataclasses import dataclass

from codepipeline_orchestrator.model.progress import Progress


@dataclass(frozen=True)
class Snapshot:
    """What a state passes on for the next renewal and for people who read the run's history.

    Before there is an execution to follow, `waits_for` lists the executions that the run waits
    for, newest first, and `progress` is that of the newest one.
    """

    target: str  # name, account and Region, for people
    status: str  # of the execution; "busy" or "unreadable" before there is one
    pipeline_execution_id: str | None = None
    link: str | None = None
    progress: Progress | None = None
    percent: int | None = None  # 0 to 99, of the usual duration
    waits_for: tuple[str, ...] = ()
