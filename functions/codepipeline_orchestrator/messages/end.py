"""What people read: one message for each way a run can end, for somebody new to this tool."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from codepipeline_orchestrator.messages.advice import advice
from codepipeline_orchestrator.messages.progress import progress_phrase
from codepipeline_orchestrator.model.outcome import Outcome
from codepipeline_orchestrator.model.report import UNREADABLE, FailedAction, Report, RunEnd
from codepipeline_orchestrator.model.state import Memory
from codepipeline_orchestrator.text import cut

_MOST_NAMED = 5  # variables in a message; the result has them all

LONGEST_MESSAGE = 4_500  # characters, within the 5,000 of a job's message; a link comes after it


def end_message(end: RunEnd) -> str:
    """How the run ended, why, and what to do next. For every outcome but Error."""
    report, execution_id = end.report, end.execution_id
    subject = f"The pipeline {end.target}{f', execution {execution_id},' if execution_id else ''}"
    waited_in_vain = report.outcome is Outcome.TIMED_OUT and execution_id is None
    sentence = (_never_idle if waited_in_vain else _SENTENCE[report.outcome])(report)
    text = " ".join([subject, sentence, *_history(report, end.memory)])
    # What to do next comes last, and is never what is cut.
    last = advice(end)
    return f"{cut(text, LONGEST_MESSAGE - len(last) - 1)} {last}".strip()


def _succeeded(_report: Report) -> str:
    return "succeeded."


def _started(_report: Report) -> str:
    return "was started; it was not waited for."


def _skipped(report: Report) -> str:
    return f"is {report.status or 'in progress'}; as ifRunning says, nothing was started."


def _idle(report: Report) -> str:
    if report.never_run:
        return "has never run; as onNeverRun says, that is well."
    return "is idle: nothing runs in it."


def _failed(report: Report) -> str:
    failure = report.details.failure
    if failure is None:
        return f"failed{_because(report.details.status_summary)}. {_why_unknown(report)}"
    where = f"in stage {failure.stage}, {_in_stage(failure)}"
    said = ": ".join(each for each in (failure.code, failure.message) if each)
    reason = f": {said.rstrip('.')}." if said else "."
    if failure.approver:
        return f"was rejected {where} by {failure.approver}{reason}"
    links = " and ".join(each for each in (failure.link, failure.log_link) if each)
    see = f" See {links}." if links else ""
    return f"failed {where}{reason}{see}"


def _in_stage(failure: FailedAction) -> str:
    if failure.action is not None:
        return f"action {failure.action}"
    return f"whose condition {failure.condition} was not met, rule {failure.rule or '?'}"


def _why_unknown(report: Report) -> str:
    if report.details.actions_unread:
        return f"Which action failed is not known: {report.details.actions_unread}."
    return (
        "None of its actions failed: a condition of a stage did, or the pipeline was edited while "
        "it ran."
    )


def _stopped(report: Report) -> str:
    details = report.details
    return f"was stopped{_because(details.stop_reason or details.status_summary)}."


def _cancelled(report: Report) -> str:
    why = _because(report.details.status_summary)
    return f"was cancelled: the pipeline's definition was changed while it ran{why}."


def _because(reason: str | None) -> str:
    return f": {reason.rstrip('.')}" if reason else ""


def _superseded(report: Report) -> str:
    newer = report.details.superseded_by
    by = f"the newer execution {newer}" if newer else "a newer execution"
    lost = " The newer one could not be found, so it was not followed."
    return (
        f"was superseded by {by} before it reached its end.{lost if report.newer_unknown else ''}"
    )


_NOT_STARTED = {
    UNREADABLE: "could not be reached by the run's deadline",
    "busy": "had as many executions in progress as CodePipeline allows until the run's deadline",
}


def _never_idle(report: Report) -> str:
    what = _NOT_STARTED.get(report.status or "", "was not idle before the run's deadline")
    blockers = ", ".join(report.waited_for)
    runs = f" Its newest executions in progress: {blockers}." if blockers else ""
    known = "it is not known to have been" if report.status == UNREADABLE else "nothing was"
    return f"{what}{_at(report.deadline)}; {known} started.{runs}"


def _timed_out(report: Report) -> str:
    phrase = progress_phrase(report.progress)
    is_old = report.status == UNREADABLE
    where = f" It {'was last seen' if is_old else 'is'} {phrase}." if phrase else ""
    what_of_it = "It was left running."
    if report.stopped:
        what_of_it = "It is being stopped, as onTimeout says."
    elif report.not_stopped:
        what_of_it = f"It could not be stopped: {report.not_stopped.rstrip('.')}."
    status = report.status or "in progress"
    was = _AT_THE_DEADLINE.get(status, f"was still {status}")
    return f"{was} at the run's deadline{_at(report.deadline)}.{where} {what_of_it}"


_AT_THE_DEADLINE = {
    "Failed": "had failed and was being retried",
    UNREADABLE: "could not be read any more",
}


def _at(deadline: datetime | None) -> str:
    return f", {deadline.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC" if deadline else ""


_SENTENCE = {
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


def _history(report: Report, memory: Memory) -> Iterator[str]:
    """What happened on the way that the end does not show."""
    details = report.details
    if memory.superseded:
        yield f"It was followed in place of execution {memory.superseded}, which it superseded."
    if details.rollback_of:
        yield f"It is a rollback to execution {details.rollback_of}."
    if memory.stage_retries:
        times = "once" if memory.stage_retries == 1 else f"{memory.stage_retries} times"
        yield f"The run had retried the failed stage {times}."
    if report.not_retried:
        yield f"The stage was not retried: {report.not_retried.rstrip('.')}."
    if details.missing_variables:
        yield _missing(details.missing_variables, details.actions_unread)


def _missing(names: Sequence[str], unread: str | None) -> str:
    more = len(names) - _MOST_NAMED
    listed = f"{', '.join(names[:_MOST_NAMED])}{f' and {more} more' if more > 0 else ''}"
    why = unread or "no action of the target has made them, or they are too large"
    return f"Of the outputVariables asked for, these are missing: {listed}; {why}."
