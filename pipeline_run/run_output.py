"""Print the result of a run, or build the document that --json prints."""

from __future__ import annotations

from typing import Any

from codepipeline_orchestrator.model.documents import to_document
from codepipeline_orchestrator.model.snapshot import Snapshot
from pipeline_run.columns import say_paragraph
from pipeline_run.output import duration, say
from pipeline_run.runs import Run

_SHOW = "pipeline-run show"


def print_result(run: Run) -> None:
    """Print how the run ended, with its links."""
    result = run.result
    took = f" after {duration((run.stopped - run.started).total_seconds())}" if run.stopped else ""
    first, *lines = str(result.get("message", "")).split("\n")
    say_paragraph(f"{run.outcome}{took}: {first}")
    if lines[-1:] == [f"{_SHOW} {run.name}"]:
        del lines[-2:]  # a command for people who read the message elsewhere
    for line in lines:
        say(f"  {line}")
    links = {
        "action": run.failure.get("link"),
        "log": run.failure.get("logLink"),
        "execution": result.get("link"),
        "run": result.get("runLink"),
    }
    for name, link in links.items():
        if link:
            say_detail(name, str(link))


def say_detail(name: str, text: str) -> None:
    """Print a text on one line, after its name."""
    say(f"{name:>10}  {text}")


def run_document(run: Run, snapshot: Snapshot | None = None) -> dict[str, Any]:
    """The document that --json prints. It has a `result` if the run has ended.

    While the run continues, it has the `snapshot` of the target, if one is given.
    """
    caller = {"kind": run.caller.kind, "name": run.caller.name} if run.caller else None
    shown: dict[str, Any] = {
        "run": run.arn,
        "name": run.name,
        "pipeline": run.pipeline,
        "caller": caller,
        "status": run.status,
        "outcome": run.outcome,
        "startDate": run.started,
        "stopDate": run.stopped,
        "input": run.input,
    }
    if not run.goes_on:
        return {**shown, "result": run.result}
    return {**shown, "snapshot": to_document(snapshot)} if snapshot else shown
