"""Print the result of a run, or build the document that --json prints."""

from __future__ import annotations

from typing import Any

from pipeline_run.output import duration, say
from pipeline_run.runs import Run


def print_result(run: Run) -> None:
    """Print how the run ended, with its links."""
    result = run.result
    took = f" after {duration((run.stopped - run.started).total_seconds())}" if run.stopped else ""
    first, *commands = str(result.get("message", "")).split("\n")
    say(f"{result.get('outcome', 'Error')}{took}: {first}")
    for line in commands:
        say(f"  {line}")
    for name in ("link", "runLink"):
        if result.get(name):
            say(f"{'execution' if name == 'link' else 'run':>10}  {result[name]}")


def run_document(run: Run) -> dict[str, Any]:
    """The document that --json prints. It has a `result` if the run has ended."""
    shown: dict[str, Any] = {
        "run": run.arn,
        "name": run.name,
        "status": run.status,
        "startDate": run.started,
        "stopDate": run.stopped,
        "input": run.input,
    }
    return shown if run.goes_on else {**shown, "result": run.result}
