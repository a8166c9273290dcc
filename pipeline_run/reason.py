"""The reason for a run's outcome, in a few words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from codepipeline_orchestrator.model.outcome import Outcome
from pipeline_run.caller import person_in
from pipeline_run.runs import Run

_SHORT_ID = 8  # characters of an execution's ID that CodePipeline's console shows


def reason(run: Run) -> str:
    """Why a run that has ended ended so. Empty for a success."""
    result = run.result
    if "error" not in result:
        return ""
    if run.status == "ABORTED":
        return _join("run stopped", run.described.get("cause"))
    if failure := result.get("failure"):
        return _of_failure(failure)
    newer = str(result.get("supersededBy", ""))[:_SHORT_ID]
    known = {
        Outcome.TIMED_OUT.value: "deadline passed",
        Outcome.SUPERSEDED.value: f"newer execution {newer}".rstrip(),
        Outcome.ERROR.value: _join(result["error"], result.get("message")),
    }
    return known.get(run.outcome) or str(result.get("stopReason") or result.get("message") or "")


def _of_failure(failure: Mapping[str, Any]) -> str:
    names = (failure.get("stage"), failure.get("action") or failure.get("rule"))
    place = "/".join(str(each) for each in names if each)
    approver = failure.get("approver")
    if failure.get("approval") and approver:
        place = f"{place} rejected by {person_in(str(approver))}"
    return _join(place, failure.get("message") or failure.get("code"))


def _join(first: Any, second: Any) -> str:
    return ": ".join(str(each) for each in (first, second) if each)
