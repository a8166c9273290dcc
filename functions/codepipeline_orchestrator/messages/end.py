"""What people read: one message for each way a run can end, for somebody new to this tool."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from codepipeline_orchestrator.messages.advice import next_step
from codepipeline_orchestrator.messages.progress import progress_phrase
from codepipeline_orchestrator.model.outcome import Outcome
from codepipeline_orchestrator.model.target import Target
from codepipeline_orchestrator.text import cut, plain

Report = Mapping[str, Any]

_MOST_NAMED = 5  # variables in a message; the result has them all

LONGEST_MESSAGE = 4_500  # characters, within the 5,000 of a job's message; a link comes after it


def message(
    outcome: Outcome,
    *,
    target: Target | None,
    execution_id: str | None,
    run: str,
    report: Report,
) -> str:
    """How the run ended, why, and what to do next."""
    if outcome is Outcome.ERROR:
        # It tells what AWS answered, and AWS repeats what it was sent.
        return plain(report["message"], LONGEST_MESSAGE) or ""
    subject = f"The pipeline {target}{f', execution {execution_id},' if execution_id else ''}"
    waited_in_vain = outcome is Outcome.TIMED_OUT and execution_id is None
    said = (_never_idle if waited_in_vain else _SAID[outcome])(report)
    told = f"{subject} {said} {_history(report)}".strip()
    # What to do next comes last, and is never what is cut.
    last = next_step(outcome, target=target, execution_id=execution_id, run=run, report=report)
    return f"{cut(told, LONGEST_MESSAGE - len(last) - 1)} {last}".strip()


def _succeeded(_report: Report) -> str:
    return "succeeded."


def _started(_report: Report) -> str:
    return "was started; it was not waited for."


def _skipped(report: Report) -> str:
    return f"is {report.get('status', 'in progress')}; as ifRunning says, nothing was started."


def _idle(report: Report) -> str:
    if report.get("neverRun"):
        return "has never run; as onNeverRun says, that is well."
    return "is idle: nothing runs in it."


def _failed(report: Report) -> str:
    failure = report.get("failure")
    if not failure:
        return f"failed{_because(report.get('statusSummary'))}. {_why_unknown(report)}"
    where = f"in stage {failure['stage']}, {_in_stage(failure)}"
    said = ": ".join(failure[name] for name in ("code", "message") if failure.get(name))
    reason = f": {said.rstrip('.')}." if said else "."
    if failure.get("approver"):
        return f"was rejected {where} by {failure['approver']}{reason}"
    links = " and ".join(failure[name] for name in ("link", "logLink") if failure.get(name))
    see = f" See {links}." if links else ""
    return f"failed {where}{reason}{see}"


def _in_stage(failure: Mapping[str, Any]) -> str:
    if "action" in failure:
        return f"action {failure['action']}"
    return f"whose condition {failure['condition']} was not met, rule {failure.get('rule', '?')}"


def _why_unknown(report: Report) -> str:
    if report.get("actionsUnread"):
        return f"Which action failed is not known: {report['actionsUnread']}."
    return (
        "None of its actions failed: a condition of a stage did, or the pipeline was edited while "
        "it ran."
    )


def _stopped(report: Report) -> str:
    return f"was stopped{_because(report.get('stopReason') or report.get('statusSummary'))}."


def _cancelled(report: Report) -> str:
    why = _because(report.get("statusSummary"))
    return f"was cancelled: the pipeline's definition was changed while it ran{why}."


def _because(reason: str | None) -> str:
    return f": {reason.rstrip('.')}" if reason else ""


def _superseded(report: Report) -> str:
    newer = report.get("supersededBy")
    by = f"the newer execution {newer}" if newer else "a newer execution"
    lost = " The newer one could not be found, so it was not followed."
    return (
        f"was superseded by {by} before it reached its end."
        f"{lost if report.get('newerUnknown') else ''}"
    )


_NOT_STARTED = {
    "unreadable": "could not be reached by the run's deadline",
    "busy": "had as many executions in progress as CodePipeline allows until the run's deadline",
}


def _never_idle(report: Report) -> str:
    status = report.get("status", "")
    what = _NOT_STARTED.get(status, "was not idle before the run's deadline")
    blockers = report.get("waitedFor") or []
    runs = f" Its newest executions in progress: {', '.join(blockers)}." if blockers else ""
    known = "it is not known to have been" if status == "unreadable" else "nothing was"
    return f"{what}{_at(report)}; {known} started.{runs}"


def _timed_out(report: Report) -> str:
    place = progress_phrase(report.get("where") or {})
    is_old = report.get("status") == "unreadable"
    where = f" It {'was last seen' if is_old else 'is'} {place}." if place else ""
    what_of_it = "It was left running."
    if report.get("stopped"):
        what_of_it = "It is being stopped, as onTimeout says."
    elif report.get("notStopped"):
        what_of_it = f"It could not be stopped: {report['notStopped'].rstrip('.')}."
    was = _AT_THE_DEADLINE.get(report.get("status", ""), "was still {status}")
    standing = was.format(status=report.get("status", "in progress"))
    return f"{standing} at the run's deadline{_at(report)}.{where} {what_of_it}"


_AT_THE_DEADLINE = {
    "Failed": "had failed and was being retried",
    "unreadable": "could not be read any more",
}


def _at(report: Report) -> str:
    """The deadline in UTC, as the states hand it on."""
    deadline = report.get("deadline")
    return f", {deadline[:19].replace('T', ' ')} UTC" if deadline else ""


_SAID = {
    Outcome.SUCCEEDED: _succeeded,
    Outcome.FAILED: _failed,
    Outcome.STOPPED: _stopped,
    Outcome.CANCELLED: _cancelled,
    Outcome.SUPERSEDED: _superseded,
    Outcome.TIMED_OUT: _timed_out,
    Outcome.STARTED: _started,
    Outcome.SKIPPED: _skipped,
    Outcome.IDLE: _idle,
}


def _history(report: Report) -> str:
    """What happened on the way that the end does not show."""
    told = []
    if report.get("superseded"):
        told.append(
            f"It was followed in place of execution {report['superseded']}, which it superseded."
        )
    if report.get("rollbackOf"):
        told.append(f"It is a rollback to execution {report['rollbackOf']}.")
    retries = report.get("stageRetries", 0)
    if retries:
        times = "once" if retries == 1 else f"{retries} times"
        told.append(f"The run had retried the failed stage {times}.")
    if report.get("notRetried"):
        told.append(f"The stage was not retried: {report['notRetried'].rstrip('.')}.")
    if report.get("missingVariables"):
        told.append(_missing(report["missingVariables"], report.get("actionsUnread")))
    return " ".join(told)


def _missing(names: Sequence[str], unread: str | None) -> str:
    more = len(names) - _MOST_NAMED
    listed = f"{', '.join(names[:_MOST_NAMED])}{f' and {more} more' if more > 0 else ''}"
    why = unread or "no action of the target has made them, or they are too large"
    return f"Of the outputVariables asked for, these are missing: {listed}; {why}."
