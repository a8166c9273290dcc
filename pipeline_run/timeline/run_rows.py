"""The rows of the run: its steps, polls, waits, events, renewals and retries."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from pipeline_run.output import utc_clock_time
from pipeline_run.timeline.model import Bar, Links, Row, RowKind, known
from pipeline_run.timeline.progress_row import polled_progress
from pipeline_run.timeline.steps import Failed, RunStep

_MOST = 48  # maximum number of bars in a row; a run may poll 1,500 times a day
_DOES = {
    "AssumeRole": "checks the input and the target role",
    "ConfirmAction": "checks that the action is still waiting",
    "TakeTurn": "takes its turn among the runs that wait for the target to become idle",
    "StartExecution": "starts the target, or finds the execution to follow",
    "GetState": "polls the target",
    "RetryStage": "retries the failed stage of the target",
    "StopExecution": "stops the target",
    "ReportJobResult": "reports how the run ended",
    "RenewJob": "renews the action's job",
    "ReadEventCount": "checks whether the target's events arrive",
    "WaitForEvent": "waits for an event from the target or for the next poll",
    "WaitForTarget": "waits for the next poll",
    "WaitToListen": "waits for the next poll while it is unknown whether events arrive",
    "WaitUntilIdle": "waits for the target to become idle",
    "WaitToStop": "waits before it tries to stop the target again",
}
_KINDS = {
    "GetState": RowKind.POLL,
    "WaitForEvent": RowKind.WAIT,
    "WaitForTarget": RowKind.WAIT,
    "WaitToListen": RowKind.WAIT,
    "WaitUntilIdle": RowKind.WAIT,
    "WaitToStop": RowKind.WAIT,
    "RenewJob": RowKind.RENEWAL,
    "RetryStage": RowKind.RETRY,
}
_NO_LONGER_TRUE = "DynamoDb.ConditionalCheckFailedException"
# Task errors with which a step ends normally.
_ENDS = {
    "TakeTurn": {_NO_LONGER_TRUE},  # because it is another run's turn
    # because no event arrived, or because one arrived during the poll
    "WaitForEvent": {"States.Timeout", _NO_LONGER_TRUE},
}
_NAMES = {
    RowKind.STEP: "Steps",
    RowKind.POLL: "Polls",
    RowKind.WAIT: "Waits",
    RowKind.EVENT: "Events",
    RowKind.RENEWAL: "Renewals",
    RowKind.RETRY: "Retries",
}


def rows_of_run(steps: Sequence[RunStep], ended: datetime | None, page: Links) -> list[Row]:
    """The rows that have bars. Each bar links to the run's page.

    `ended` is when the run ended. If the run was stopped in a step, that step ends then.
    """
    bars: dict[RowKind, list[Bar]] = {kind: [] for kind in _NAMES}
    polled: RunStep | None = None
    for step in steps:
        if step.state in _DOES:
            bars[_kind(step)].append(_bar(step, polled, ended, page))
            bars[RowKind.EVENT] += _events(step, page)
            bars[RowKind.RETRY] += _tries(step, page)
        polled = step if step.snapshot else polled
    return [
        Row(kind, _NAMES[kind], tuple(_thin(kind, each))) for kind, each in bars.items() if each
    ]


def _kind(step: RunStep) -> RowKind:
    # Until there is an execution to follow, each visit to StartExecution polls the target.
    if step.state == "StartExecution" and step.left and not step.changes.get("execution"):
        return RowKind.POLL if step.snapshot else RowKind.STEP
    return _KINDS.get(step.state, RowKind.STEP)


def _bar(step: RunStep, polled: RunStep | None, ended: datetime | None, page: Links) -> Bar:
    snapshot = step.snapshot or (polled.snapshot if polled else None)
    failures = _failures(step)
    failed = failures[-1] if failures else None
    return Bar(
        name=step.state,
        start=step.entered,
        end=step.left or ended,
        status=_status(step, ended),
        details=known(
            what=_DOES[step.state],
            progress=polled_progress(snapshot),
            error=f"{failed.error}: {failed.cause}" if failed else None,
        ),
        links=page,
    )


def _status(step: RunStep, ended: datetime | None) -> str:
    if step.left is None:
        return "Stopped" if ended else ""
    return "Failed" if _failures(step) and not step.succeeded else ""


def _failures(step: RunStep) -> Sequence[Failed]:
    """The failed attempts, except errors with which a step ends normally."""
    ends = _ENDS.get(step.state, ())
    return [each for each in step.failures if each.error not in ends]


def _events(step: RunStep, page: Links) -> Iterator[Bar]:
    """The event that ended a wait or prevented it, if there was one."""
    if step.state != "WaitForEvent" or step.left is None:
        return
    if step.succeeded:
        name = "woken by an event"
        what = (
            "the target has ended" if step.output.get("endAnnounced") else "an approval is pending"
        )
    elif any(each.error == _NO_LONGER_TRUE for each in step.failures):
        name, what = "an event during the poll", "the run polls again immediately"
    else:
        return
    yield Bar(name, step.left, step.left, details=known(what=what), links=page)


def _tries(step: RunStep, page: Links) -> Iterator[Bar]:
    for number, failed in enumerate(_failures(step), start=1):
        yield Bar(
            name=f"{step.state}, attempt {number}",
            start=failed.start,
            end=failed.end,
            status="Failed",
            details=known(error=failed.error, cause=failed.cause),
            links=page,
        )


def _thin(kind: RowKind, bars: Sequence[Bar]) -> Iterator[Bar]:
    """The bars, with neighbors joined if there are too many."""
    size = -(-len(bars) // _MOST)
    for first in range(0, len(bars), size):
        yield _joined(kind, bars[first : first + size])


def _joined(kind: RowKind, bars: Sequence[Bar]) -> Bar:
    first, last = bars[0], bars[-1]
    if first is last:
        return first
    bad = next((bar.status for bar in bars if bar.tone == "bad"), last.status)
    several = f"{len(bars)} {_NAMES[kind].lower()}"
    span = f"{utc_clock_time(first.start)} to {utc_clock_time(last.start)}"
    details = (("several", span), *last.details)
    return Bar(several, first.start, last.end, bad, details, last.links, len(bars))
