"""The result document: one shape for the run's output, its cause, and whoever reads them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from codepipeline_orchestrator.errors import OURS, FunctionFailed
from codepipeline_orchestrator.messages.end import message
from codepipeline_orchestrator.model.links import execution_link, run_link
from codepipeline_orchestrator.model.outcome import Outcome
from codepipeline_orchestrator.model.state import Execution, Progress
from codepipeline_orchestrator.model.target import Target
from codepipeline_orchestrator.pipeline.output_variables import handed_back
from codepipeline_orchestrator.text import cut

LONGEST_CAUSE = 32_768  # characters; a limit of the Step Functions API
_MOST_REVISIONS = 5
_NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9@\-_]")  # of an output variable (API OutputVariablesKey)
# What a report tells besides, under the same name.
_AS_REPORTED = (
    "stopReason",
    "supersededBy",
    "superseded",
    "rollbackOf",
    "approvals",
    "stageRetries",
    "notRetried",
    "stopped",
    "notStopped",
    "waitedFor",
    "targetVariables",
    "missingVariables",
)


def build_result(
    *,
    run: str,
    target: Target | None,
    execution: Execution | None,
    report: Mapping[str, Any],
    progress: Progress | None = None,
) -> dict[str, Any]:
    """The result document for a run that ended as the report says."""
    outcome = Outcome(report["outcome"])
    error, report = _named(outcome, report)
    report = {**report, **_way(progress)}
    execution_id = execution.pipelineExecutionId if execution else None
    link = execution_link(target, execution_id) if target and execution_id else None
    document = {
        "message": message(
            outcome, target=target, execution_id=execution_id, run=run, report=report
        ),
        "outcome": outcome.value,
        "error": error,
        "status": cut(report.get("status") or "", 100) or None,
        "pipelineExecutionId": execution_id,
        "link": link,
        "target": _target(target),
        "run": run,
        "runLink": run_link(run),
        **_times(execution, report),
        "failure": report.get("failure"),
        **{name: report.get(name) for name in _AS_REPORTED},
        "sourceRevisions": report.get("sourceRevisions"),
        "variables": report.get("variables"),
    }
    document["outputVariables"] = _output_variables(document, report)
    return {name: value for name, value in document.items() if value is not None}


def to_cause(result: Mapping[str, Any]) -> str:
    """The result as the cause of a failed run: JSON within the limit, always whole JSON.

    Output variables stay out of it, and what is longest and least needed goes first.
    """
    document = {name: value for name, value in result.items() if name not in _NOT_IN_A_CAUSE}
    for expendable in ("variables", "sourceRevisions", "approvals", "failure"):
        if len(text := json.dumps(document, ensure_ascii=False)) <= LONGEST_CAUSE:
            return text
        document.pop(expendable, None)
    return json.dumps(document, ensure_ascii=False)


# Output variables may be large, and may be secrets of somebody who thinks that they are not.
_NOT_IN_A_CAUSE = {"outputVariables", "targetVariables"}


def _named(outcome: Outcome, report: Mapping[str, Any]) -> tuple[str | None, Mapping[str, Any]]:
    if outcome.succeeded or report.get("accepted"):
        return None, report
    if outcome is not Outcome.ERROR:
        return outcome.error, report
    name, text = explain_error(report.get("error", ""), report.get("cause", ""))
    return name, {**report, "message": text}


def explain_error(error: str, cause: str) -> tuple[str, str]:
    """Our error name and message for what Step Functions says of a task that failed.

    Our own errors keep their name and message. Everything else (`States.*`, `Lambda.*`, a bug)
    becomes FunctionFailed.
    """
    text = _error_message(cause)
    if error in OURS:
        return error, text
    return FunctionFailed.__name__, (
        f"A function of the orchestrator failed: {error}: {text.rstrip('.') or 'no more is known'}."
        " If the target had been started, it goes on. Look at the history of the run and at the "
        "function's log; retrying may help."
    )


def _error_message(cause: str) -> str:
    """The errorMessage in a Lambda function's error, or the cause as it is."""
    try:
        document = json.loads(cause)
    except ValueError:
        return cause
    return str(document.get("errorMessage", cause)) if isinstance(document, dict) else cause


def _target(target: Target | None) -> dict[str, Any] | None:
    if target is None:
        return None
    return {
        "pipelineName": target.pipelineName,
        "account": target.account,
        "region": target.region,
        "arn": target.arn,
        "roleArn": target.roleArn,
    }


def _times(execution: Execution | None, report: Mapping[str, Any]) -> dict[str, Any]:
    start = report.get("startTime") or (execution.startTime if execution else None)
    end = report.get("endTime")
    duration = None
    if start and end:
        seconds = datetime.fromisoformat(end) - datetime.fromisoformat(start)
        duration = round(seconds.total_seconds())
    return {"startTime": start, "endTime": end, "durationSeconds": duration}


def _way(progress: Progress | None) -> dict[str, Any]:
    """What happened on the way to the outcome."""
    if progress is None:
        return {}
    return {"stageRetries": progress.stageRetries or None, "superseded": progress.superseded}


def _output_variables(document: Mapping[str, Any], report: Mapping[str, Any]) -> dict[str, str]:
    """For later actions of the invoking pipeline: `#{Namespace.pipelineExecutionId}`."""
    names = ("pipelineExecutionId", "outcome", "status", "link", "durationSeconds")
    values = {name: str(document[name]) for name in names if document.get(name) is not None}
    for revision in (document.get("sourceRevisions") or [])[:_MOST_REVISIONS]:
        if revision.get("name") and revision.get("revisionId"):
            name = _NOT_IN_A_NAME.sub("_", revision["name"])
            values[f"revision_{name}"] = str(revision["revisionId"])
    return handed_back(values, report.get("targetVariables") or {})
