"""Read the result of a run, whatever its output or its cause contains."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from codepipeline_orchestrator.aws.answers import RunDescription, read_answer
from codepipeline_orchestrator.job.answer_from_run import result_of
from codepipeline_orchestrator.model.documents import from_document
from codepipeline_orchestrator.model.outcome import Outcome
from codepipeline_orchestrator.model.report import StageAttempt

# The fields that commands use. A field of another type is left out.
_TYPES: Mapping[str, type] = {
    **dict.fromkeys(
        (
            "error",
            "link",
            "message",
            "outcome",
            "pipelineExecutionId",
            "restarted",
            "runLink",
            "stopReason",
            "superseded",
            "supersededBy",
        ),
        str,
    ),
    "failure": dict,
    "target": dict,
    "stages": list,
}
_UNREADABLE = "The execution succeeded, but its output is not the result of a run."


def result_from(described: Mapping[str, Any]) -> dict[str, Any]:
    """The result document in DescribeExecution's response, for an execution that has ended.

    A result without an outcome is an error: the run was stopped, died, or belongs to another
    program.
    """
    run = read_answer(RunDescription, described)
    try:
        document = result_of(run)
    except (AttributeError, LookupError, TypeError, ValueError):
        # The cause looks like the report of a run, but was written by another program.
        document = result_of(replace(run, cause=None))
    kept = {
        name: value
        for name, value in document.items()
        if isinstance(value, _TYPES.get(name, object))
        and (name != "stages" or _are_attempts(value))
    }
    if run.status != "SUCCEEDED":
        return {"error": Outcome.ERROR.value, **kept}
    if "outcome" in kept:
        return kept
    return {"outcome": Outcome.ERROR.value, "error": "ResultUnreadable", "message": _UNREADABLE}


def _are_attempts(stages: Any) -> bool:
    """Whether these are the attempts at stages that a run writes."""
    try:
        return all(isinstance(from_document(StageAttempt, each).name, str) for each in stages)
    except (AttributeError, TypeError, ValueError):
        return False
