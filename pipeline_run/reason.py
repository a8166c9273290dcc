"""The reason for a run's outcome, in a few words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from codepipeline_orchestrator.model.outcome import Outcome
from pipeline_run.caller import person_in
from pipeline_run.run_search import SHORT_ID
from pipeline_run.runs import Run


def reason(run: Run) -> str:
    """Why a run did not succeed. Empty for a success, and while the run continues."""
    result = run.result
    if "error" not in result:
        return ""
    if run.status == "ABORTED":
        return _join("run stopped", run.described.get("cause"))
    if run.failure:
        return _of_failure(run.failure)
    newer = str(result.get("supersededBy", ""))[:SHORT_ID]
    known = {
        Outcome.TIMED_OUT.value: " in ".join(["deadline passed", *_in_progress(result)]),
        Outcome.SUPERSEDED.value: f"newer execution {newer}".rstrip(),
        Outcome.ERROR.value: _join(result["error"], _first_sentence(result.get("message", ""))),
    }
    return known.get(run.outcome) or str(result.get("stopReason") or result.get("message") or "")


def _in_progress(result: Mapping[str, Any]) -> list[str]:
    """The stage and actions in which the target was when the run ended, if they are known."""
    try:
        stages = [each for each in result["stages"] if each["status"] == "InProgress"]
        return [
            f"{stage['name']}/{', '.join(names)}"
            for stage in stages[-1:]
            if (names := [x["name"] for x in stage["actions"] if x["status"] == "InProgress"])
        ]
    except (LookupError, TypeError):
        return []  # the role may not read the actions, or another program wrote the result


def _first_sentence(message: str) -> str:
    return message.partition("\n")[0].partition(". ")[0]


def _of_failure(failure: Mapping[str, Any]) -> str:
    names = (failure.get("stage"), failure.get("action") or failure.get("rule"))
    place = "/".join(str(each) for each in names if each)
    approver = failure.get("approver")
    if failure.get("approval") and approver:
        place = f"{place} rejected by {person_in(str(approver))}"
    return _join(place, failure.get("message") or failure.get("code"))


def _join(first: Any, second: Any) -> str:
    return ": ".join(str(each) for each in (first, second) if each)
