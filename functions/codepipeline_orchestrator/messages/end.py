"""The message for each way a run can end, written for someone new to this tool.

The first sentence says what happened. The reason, the history and the advice follow. Commands come
last, each on its own line, so that each can be copied by itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

from codepipeline_orchestrator.messages.advice import Advice, advice, show_command
from codepipeline_orchestrator.messages.mismatch import difference_list
from codepipeline_orchestrator.messages.progress import progress_phrase
from codepipeline_orchestrator.model.outcome import Outcome
from codepipeline_orchestrator.model.report import (
    BUSY,
    NOT_STARTED,
    UNREADABLE,
    EndDetails,
    FailedAction,
    RunEnd,
)
from codepipeline_orchestrator.model.request import IfRunning, LeaveOrStop, Mode, Request
from codepipeline_orchestrator.model.state import MOST_READ, Memory
from codepipeline_orchestrator.text import LONGEST_REASON, cut, plain

_SHORT = 12  # characters of a revision in a message; the result contains the full revision
_MOST_NAMED = 5  # variables or actions listed in a message; the result lists all of them

LONGEST_MESSAGE = 4_500  # characters; a job's message can hold 5,000, including a link at the end


def end_message(end: RunEnd) -> str:
    """How the run ended, why, and what to do next, for every outcome except Error."""
    execution_id = end.execution_id
    pipeline = f"Pipeline {end.target}" if end.target else "The target pipeline"
    subject = f"{pipeline}{f', execution {execution_id},' if execution_id else ''}"
    waited_in_vain = end.report.outcome is Outcome.TIMED_OUT and execution_id is None
    sentence = (_timed_out_before_start if waited_in_vain else _SENTENCE[end.report.outcome])(end)
    told = " ".join([f"{subject} {sentence}", *_history(end)])
    return _with_advice(told, advice(end))


def with_show_command(message: str, run: str) -> str:
    """The message with the command that shows the run, given its name or ARN."""
    return _with_advice(message, Advice(commands=(show_command(run),)))


def _with_advice(message: str, last: Advice) -> str:
    """The message, shortened to its limit. Only the message is cut, never the advice."""
    lines = [line for command in last.commands for line in command]
    tail = "\n".join([last.text, *lines] if last.text else lines)
    separator = " " if last.text else "\n"
    return f"{cut(message, LONGEST_MESSAGE - len(tail) - 1)}{separator}{tail}".strip()


def _succeeded(end: RunEnd) -> str:
    return f"succeeded{_before_the_run(end)}."


def _started(_end: RunEnd) -> str:
    return "was started. The run did not wait for it because wait is false."


def _skipped(end: RunEnd) -> str:
    policy = end.request.if_running if end.request else IfRunning.SKIP
    also = " and wait is false" if policy is IfRunning.JOIN else ""
    status = end.report.status or "InProgress"
    return f"is already {status}. Nothing was started because ifRunning is '{policy}'{also}."


def _idle(end: RunEnd) -> str:
    if end.report.never_run:
        return "has never run. That counts as success because onNeverRun is 'succeed'."
    if end.memory.running_unknown:
        return "seems to be idle. None of the executions that could be read is in progress."
    return "is idle. No execution is in progress."


def _failed(end: RunEnd) -> str:
    details, before = end.report.details, _before_the_run(end)
    aside = f"{before}," if before else ""
    if not details.failures:
        return f"failed{before}{_because(details.status_summary)}. {_why_unknown(details)}"
    first, *others = details.failures
    if first.approver:
        verb = f"was rejected{aside} in stage {first.stage}, {_in_stage(first)}, by "
        sentences = [f"{verb}{first.approver}{_reason(first)}"]
    else:
        sentences = [f"failed{aside} in stage {first.stage}, {_in_stage(first)}{_reason(first)}"]
    sentences += [_also_failed(each) for each in others[:_MOST_NAMED]]
    if len(others) > _MOST_NAMED:
        sentences.append(f"{len(others) - _MOST_NAMED} more actions also failed.")
    if details.actions_unread:
        sentences.append(f"More details are not available: {details.actions_unread}.")
    return " ".join(sentences)


def _also_failed(failure: FailedAction) -> str:
    verb = f"was rejected by {failure.approver}" if failure.approver else "also failed"
    return f"In stage {failure.stage}, {_in_stage(failure)} {verb}{_reason(failure)}"


def _in_stage(failure: FailedAction) -> str:
    if failure.action is None:
        return f"whose condition {failure.condition} was not met (rule {failure.rule or '?'})"
    return f"action {failure.action}"


def _reason(failure: FailedAction) -> str:
    said = ": ".join(each for each in (failure.code, failure.message) if each)
    links = " and ".join(each for each in (failure.link, failure.log_link) if each)
    see = f" See {links}." if links else ""
    because = f": {said.rstrip('.')}" if said else ""
    revision = f" Source revision: {failure.revision[:_SHORT]}." if failure.revision else ""
    return f"{because}.{see}{revision}"


def _why_unknown(details: EndDetails) -> str:
    if details.actions_unread:
        return f"It is unknown which action failed: {details.actions_unread}."
    return (
        "None of its actions failed. Either a stage condition was not met, or the pipeline was "
        "edited during the execution."
    )


def _stopped(end: RunEnd) -> str:
    details = end.report.details
    reason = _because(details.stop_reason or details.status_summary)
    return f"was stopped{_before_the_run(end)}{reason}."


def _cancelled(end: RunEnd) -> str:
    why = _because(end.report.details.status_summary)
    before = _before_the_run(end)
    aside = f"{before}," if before else ""
    return f"was canceled{aside} because the pipeline's definition changed while it ran{why}."


def _because(reason: str | None) -> str:
    return f": {reason.rstrip('.')}" if reason else ""


def _superseded(end: RunEnd) -> str:
    newer = end.report.details.superseded_by
    by = f"the newer execution {newer}" if newer else "a newer execution"
    lost = (
        " The run could not find the newer execution, so it did not follow it."
        if end.report.newer_unknown
        else ""
    )
    before = _before_the_run(end)
    aside = f"{before}," if before else ""
    return f"was superseded{aside} by {by}.{lost}"


def _before_the_run(end: RunEnd) -> str:
    """When the execution ended. Empty unless it ended before the run began."""
    ended = end.report.details.end_time
    if ended is None or end.request is None or ended >= end.request.started_at:
        return ""
    return f" at {_utc(ended)}, before this run began"


_NOT_STARTED_BECAUSE: Mapping[str | None, str] = {
    UNREADABLE: "could not be reached before the run's deadline{at}. It may or may not have been "
    "started.",
    BUSY: "still had as many executions in progress as CodePipeline allows at the run's "
    "deadline{at}. Nothing was started.",
    NOT_STARTED: "did not start an execution between startedAfter and the run's deadline{at}.",
}


def _timed_out_before_start(end: RunEnd) -> str:
    report, at = end.report, _at_deadline(end.request)
    known = _NOT_STARTED_BECAUSE.get(report.status)
    if known is not None:
        return known.format(at=at)
    starts = end.request is None or end.request.mode is Mode.START
    nothing = " Nothing was started." if starts else ""
    phrase = progress_phrase(report.progress)
    first, *others = report.waited_for or ("",)
    where = f", {phrase}" if phrase else ""
    runs = f" Execution {first} is {report.status}{where}." if first else ""
    more = f" Also in progress: {', '.join(others)}." if others else ""
    return f"did not become idle by the run's deadline{at}.{nothing}{runs}{more}"


def _timed_out(end: RunEnd) -> str:
    report = end.report
    phrase = progress_phrase(report.progress)
    is_old = report.status == UNREADABLE
    where = f" It {'was last seen' if is_old else 'is'} {phrase}." if phrase else ""
    status = report.status or "in progress"
    if status == "Failed":
        where = " There was no time left to check whether CodePipeline is retrying it."
    was = _AT_THE_DEADLINE.get(status, f"was still {status}")
    return (
        f"{was} at the run's deadline{_at_deadline(end.request)}.{where} {_effect_on_target(end)}"
    )


_AT_THE_DEADLINE = {
    "Failed": "had status Failed",
    UNREADABLE: "could not be read",
}


def _effect_on_target(end: RunEnd) -> str:
    report = end.report
    if report.not_stopped:
        return f"It could not be stopped: {report.not_stopped.rstrip('.')}."
    if not report.stopped and report.status == "Stopping":
        return "It is being stopped."
    if not report.stopped:
        return "It was left unchanged." if report.status == "Failed" else "It was left running."
    policy = end.request.on_timeout if end.request else LeaveOrStop.STOP
    if policy is LeaveOrStop.ABANDON:
        return "It is being stopped, and its running actions are abandoned."
    progress = report.progress
    if progress is not None and progress.approval is not None:
        return (
            "It is being stopped, but CodePipeline first waits for someone to approve or reject "
            f"{progress.approval.action}. To skip that wait, set onTimeout to 'abandon'."
        )
    running = progress.actions if progress is not None else None
    actions = f" ({', '.join(running[:_MOST_NAMED])})" if running else ""
    return f"It is being stopped, but CodePipeline first waits for its running actions{actions}."


def _at_deadline(request: Request | None) -> str:
    return f", {_utc(request.deadline)}" if request else ""


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


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


def _history(end: RunEnd) -> Iterator[str]:
    yield from _times(end)
    if end.memory.running_unknown:
        yield _RUNNING_UNKNOWN
    yield from _replaced(end.memory, end.report.details)
    yield from _rolled_back(end.report.details)
    retries, report = end.memory.stage_retries, end.report
    if retries:
        times = "once" if retries == 1 else f"{retries} times"
        yield f"The run retried the failed stage {times}."
    if report.not_retried:
        yield f"The stage was not retried: {report.not_retried.rstrip('.')}."
    reason = plain(report.reason, LONGEST_REASON)
    if reason:
        yield f"The last error was: {reason.rstrip('.')}."
    if report.details.missing_variables:
        yield _missing(report.details.missing_variables, report.details.actions_unread)


_RUNNING_UNKNOWN = (
    "Another execution may have been in progress. Either the pipeline has more than the "
    f"{MOST_READ:,} executions that a run reads, or AWS did not report the status of some."
)


def _times(end: RunEnd) -> Iterator[str]:
    """When the execution ran. Empty if the run started it."""
    start, ended = end.report.details.start_time, end.report.details.end_time
    if end.request is None or end.request.mode is not Mode.LATEST or ended is None:
        return
    ran = f"ran from {_utc(start)} to {_utc(ended)}" if start else f"ended at {_utc(ended)}"
    yield f"The execution {ran}."
    if _before_the_run(end) and end.request.started_after is None:
        yield "To wait for an execution that begins later, set startedAfter."


def _replaced(memory: Memory, details: EndDetails) -> Iterator[str]:
    if memory.restarted:
        yield (
            f"The run first followed execution {memory.restarted}, which ended when the "
            "pipeline's definition was updated."
        )
    if memory.superseded:
        yield f"The run first followed execution {memory.superseded}, which was superseded."
    if details.differences:
        yield f"The newer execution differs from the input: {difference_list(details.differences)}."


def _rolled_back(details: EndDetails) -> Iterator[str]:
    if details.rollback_of:
        yield f"It is a rollback to execution {details.rollback_of}."
    if details.rolled_back_by:
        yield f"CodePipeline is rolling back the stage with execution {details.rolled_back_by}."


def _missing(names: Sequence[str], unread: str | None) -> str:
    more = len(names) - _MOST_NAMED
    listed = f"{', '.join(names[:_MOST_NAMED])}{f' and {more} more' if more > 0 else ''}"
    why = unread or "none of the target's actions produced them, or they are too large"
    return f"These outputVariables are missing: {listed} ({why})."
