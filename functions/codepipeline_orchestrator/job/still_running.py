"""The answer to a job whose run is still running."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codepipeline_orchestrator.job.answer import StillRunning
from codepipeline_orchestrator.messages.wait import snapshot_sentence
from codepipeline_orchestrator.model.links import run_link
from codepipeline_orchestrator.model.snapshot import Snapshot

if TYPE_CHECKING:
    from codepipeline_orchestrator.job.token import Token


def still_running(
    run_arn: str, token: Token, *, pipeline_name: str, snapshot: Snapshot | None = None
) -> StillRunning:
    """A continuation that shows the run's snapshot or, without one, the target's name."""
    run = run_arn.rpartition(":")[2]
    where = f"Run: {run_link(run_arn) or run_arn}"
    if snapshot is None:
        return StillRunning(token.text, f"Following {pipeline_name}. {where}", run)
    summary = f"{snapshot_sentence(snapshot)} {where}"
    return StillRunning(
        token.text, summary, snapshot.pipeline_execution_id or run, snapshot.percent
    )
