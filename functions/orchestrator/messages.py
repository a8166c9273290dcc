"""What people read: one message for each way a run can end, for somebody new to this tool."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from orchestrator import whereabouts
from orchestrator.outcome import Outcome
from orchestrator.target import Target
from orchestrator.text import cut

Report = Mapping[str, Any]

LONGEST_MESSAGE = 4_500  # characters, within the 5,000 of a job's message; a link comes after it
_AGAIN = (
    "When the cause is mended, retry the stage of the waiting pipeline (RetryStageExecution), or "
    "start another run: it starts the target anew."
)
_OR_THE_TARGET = (
    'With ifRunning "join" or mode "latest" it follows a retry of the target itself, which is, in '
    "the target's account:"
)


def message(
    outcome: Outcome, *, target: Target | None, execution_id: str | None, report: Report
) -> str:
    """How the run ended, why, and what to do next."""
    if outcome is Outcome.ERROR:
        return cut(report["message"], LONGEST_MESSAGE)
    subject = f"The pipeline {target}{f', execution {execution_id},' if execution_id else ''}"
    waited_in_vain = outcome is Outcome.TIMED_OUT and execution_id is None
    said = (_never_idle if waited_in_vain else _SAID[outcome])(report)
    told = f"{subject} {said} {_history(report)}".strip()
    # What to do next comes last, and is never what is cut.
    next_step = _next(outcome, target, execution_id, report)
    return f"{cut(told, LONGEST_MESSAGE - len(next_step) - 1)} {next_step}".strip()


def _succeeded(_report: Report) -> str:
    return "succeeded."


def _started(_report: Report) -> str:
    return "was started; it was not waited for."


def _skipped(report: Report) -> str:
    return f"is {report.get('status', 'in progress')}; as ifRunning says, nothing was started."


def _idle(_report: Report) -> str:
    return "is idle: nothing runs in it."


def _failed(report: Report) -> str:
    failure = report.get("failure")
    if not failure:
        return "failed. Which action failed is not known: the role may not ask, or AWS did not say."
    where = f"in stage {failure['stage']}, action {failure['action']}"
    said = ": ".join(failure[name] for name in ("code", "message") if failure.get(name))
    reason = f": {said.rstrip('.')}." if said else "."
    if failure.get("approver"):
        return f"was rejected {where} by {failure['approver']}{reason}"
    links = " and ".join(failure[name] for name in ("link", "logLink") if failure.get(name))
    see = f" See {links}." if links else ""
    return f"failed {where}{reason}{see}"


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
    return f"was superseded by {by} before it reached its end."


_NOT_STARTED = {
    "unreadable": "could not be read any more by the run's deadline",
    "busy": "had as many executions in progress as CodePipeline allows until the run's deadline",
}


def _never_idle(report: Report) -> str:
    what = _NOT_STARTED.get(report.get("status", ""), "was not idle before the run's deadline")
    return f"{what}{_at(report)}; nothing was started."


def _timed_out(report: Report) -> str:
    place = whereabouts.sentence(report.get("where") or {})
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
    return f", {report['deadline']}" if report.get("deadline") else ""


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
    return " ".join(told)


def _next(outcome: Outcome, target: Target | None, execution_id: str | None, report: Report) -> str:
    """What to do, ending with the exact command where there is one; a link follows it."""
    match outcome:
        case Outcome.TIMED_OUT if execution_id and target and not report.get("stopped"):
            follow = json.dumps({**_input(target), "pipelineExecutionId": execution_id})
            return f"Allow more timeoutMinutes. To go on following it, start a run with {follow}"
        case Outcome.TIMED_OUT:
            return "Allow more timeoutMinutes, or look at what it waits for."
        case Outcome.SUPERSEDED if not report.get("accepted"):
            return f'With onSuperseded "follow" the newer one is followed. {_AGAIN}'
        case Outcome.FAILED if execution_id and target and report.get("failure"):
            stage = report["failure"]["stage"]
            return f"{_AGAIN} {_OR_THE_TARGET} {_retry(target, execution_id, stage)}"
        case Outcome.FAILED | Outcome.STOPPED | Outcome.CANCELLED:
            return _AGAIN
        case _:
            return ""


def _input(target: Target) -> dict[str, str]:
    return {
        "pipelineName": target.pipelineName,
        "roleArn": target.roleArn,
        "region": target.region,
    }


def _retry(target: Target, execution_id: str, stage: str) -> str:
    return (
        f"aws codepipeline retry-stage-execution --region {target.region} "
        f"--pipeline-name {target.pipelineName} --stage-name {stage} "
        f"--pipeline-execution-id {execution_id} --retry-mode FAILED_ACTIONS"
    )
