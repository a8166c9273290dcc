"""What a run waits for, as a sentence for the people who watch the action."""

from __future__ import annotations

from codepipeline_orchestrator.messages.progress import progress_phrase
from codepipeline_orchestrator.model.snapshot import Snapshot


def snapshot_sentence(snapshot: Snapshot) -> str:
    """One or two sentences: what is waited for, where it is, and its link."""
    if snapshot.pipeline_execution_id is None:
        return _before_start(snapshot)
    phrase = progress_phrase(snapshot.progress)
    return (
        f"Waiting for {snapshot.target}, execution {snapshot.pipeline_execution_id}, "
        f"which is {snapshot.status}{f', {phrase}' if phrase else ''}"
        f"{f': {snapshot.link}' if snapshot.link else ''}"
    )


def _before_start(snapshot: Snapshot) -> str:
    target, status = snapshot.target, snapshot.status
    if status == "busy":
        return (
            f"Waiting to start {target}: it has as many executions in progress as CodePipeline "
            "allows."
        )
    if status == "unreadable":
        return f"Waiting to reach {target}: AWS could not answer; it is asked again."
    if not snapshot.waits_for:
        return f"Waiting until nothing runs in {target}; it is {status} at present."
    newest, *more = snapshot.waits_for
    running = f"executions {newest} and {len(more)} more do" if more else f"execution {newest} does"
    return f"Waiting until nothing runs in {target}; now its {running}."
