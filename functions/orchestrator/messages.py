"""What people read: one message for each way a run can end, for somebody new to this tool."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from orchestrator.outcome import Outcome

_AGAIN = (
    "When the cause is mended, ask for the target again: retry the stage of the waiting pipeline, "
    "or start another run. A retry of the target itself is followed only with mode latest."
)


def message(  # noqa: PLR0911 - one return for each outcome
    outcome: Outcome, *, target: str, execution_id: str | None, report: Mapping[str, Any]
) -> str:
    """How the run ended, why, and what to do next."""
    subject = f"The pipeline {target}"
    execution = f", execution {execution_id}," if execution_id else ""
    match outcome:
        case Outcome.SUCCEEDED:
            return f"{subject} succeeded{_execution(execution_id)}."
        case Outcome.STARTED:
            return f"{subject} was started{_execution(execution_id)}; it was not waited for."
        case Outcome.FAILED:
            return f"{subject}{execution} failed{_where(report)} {_AGAIN}"
        case Outcome.STOPPED:
            return f"{subject}{execution} was stopped{_reason(report)}. {_AGAIN}"
        case Outcome.CANCELLED:
            return (
                f"{subject}{execution} was cancelled: its definition was changed while it "
                f"ran{_reason(report)}. {_AGAIN}"
            )
        case Outcome.SUPERSEDED:
            return (
                f"{subject}{execution} was superseded by a newer execution before it reached "
                f"its end. {_AGAIN}"
            )
        case Outcome.TIMED_OUT:
            return (
                f"{subject}{execution} was still {report.get('status', 'in progress')} at the "
                f"run's deadline, {report.get('deadline')}. It was left running. Allow more "
                "timeoutMinutes, or look at what it waits for."
            )
        case Outcome.ERROR:
            return str(report["message"])


def _execution(execution_id: str | None) -> str:
    return f" (execution {execution_id})" if execution_id else ""


def _where(report: Mapping[str, Any]) -> str:
    failure = report.get("failure")
    if not failure:
        return ". Which action failed is not known."
    said = ": ".join(failure[name] for name in ("code", "message") if failure.get(name))
    link = f" See {failure['link']}." if failure.get("link") else ""
    return (
        f" in stage {failure['stage']}, action {failure['action']}"
        f"{f': {said.rstrip(chr(46))}.' if said else '.'}{link}"
    )


def _reason(report: Mapping[str, Any]) -> str:
    return f": {report['statusSummary'].rstrip('.')}" if report.get("statusSummary") else ""
