"""What a run shows about its target while it waits."""

from __future__ import annotations

from dataclasses import dataclass

from codepipeline_orchestrator.model.progress import Progress


@dataclass(frozen=True)
class Snapshot:
    """What a state records for the next renewal and for people who read the run's history.

    Until there is an execution to follow, `waits_for` lists the executions that the run waits for,
    newest first, and `progress` is that of the newest one.
    """

    target: str  # name, account and Region, in a readable form
    # The execution's status, or "busy" or "unreadable" while there is no execution.
    status: str
    pipeline_execution_id: str | None = None
    link: str | None = None
    progress: Progress | None = None
    percent: int | None = None  # share of the usual duration that has passed, 0 to 99
    waits_for: tuple[str, ...] = ()
