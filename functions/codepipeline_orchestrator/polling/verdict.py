"""Decides what the result of a poll means: wait, follow a newer execution, act, or end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from codepipeline_orchestrator.model.outcome import Outcome, outcome_of
from codepipeline_orchestrator.model.report import UNREADABLE, EndDetails, Report
from codepipeline_orchestrator.model.request import OnRestarted, OnSuperseded, Request
from codepipeline_orchestrator.model.state import Memory


@dataclass(frozen=True)
class Verdict:
    """The meaning of a poll: the outcome, if any, and whether the deadline is still ahead."""

    outcome: Outcome | None
    in_time: bool

    @property
    def waits(self) -> bool:
        """Whether the run polls again."""
        return self.outcome is None and self.in_time

    def follows_newer(self, request: Request) -> bool:
        """Whether the run continues with the execution that superseded the target execution.

        This also applies at the deadline, so the newer execution is the one reported or stopped.
        """
        follows = request.on_superseded is OnSuperseded.FOLLOW
        return follows and self.outcome is Outcome.SUPERSEDED

    def may_be_replaced(self, request: Request) -> bool:
        """Whether to look for an execution that replaced this one after a pipeline update.

        AWS does not document which status the replaced execution has.
        """
        follows = request.on_restarted is OnRestarted.FOLLOW
        return follows and self.outcome in _MAY_BE_REPLACED


_MAY_BE_REPLACED = {Outcome.CANCELLED, Outcome.FAILED, Outcome.SUPERSEDED}


def judge(request: Request, *, memory: Memory, began: datetime, now: datetime) -> Verdict:
    """The verdict on a poll that started at `began` and ended at `now`.

    An unconfirmed failure is not an outcome, even at the deadline, after which no poll can confirm
    it.
    """
    in_time = request.remaining(now) > 0
    status = memory.status or UNREADABLE
    return Verdict(outcome_of(status, failed_for=memory.failed_for(began)), in_time)


def report_of(
    request: Request,
    verdict: Verdict,
    memory: Memory,
    details: EndDetails,
    now: datetime,
    *,
    unread: str | None = None,
) -> Report:
    """The report for a verdict that ends the wait. `unread` says why the execution was not read."""
    accepts = request.on_superseded is OnSuperseded.SUCCEED
    return Report(
        outcome=verdict.outcome or Outcome.TIMED_OUT,
        status=memory.status,
        progress=memory.progress if verdict.outcome is None else None,
        seen_at=now,
        details=details,
        accepted=accepts and verdict.outcome is Outcome.SUPERSEDED,
        newer_unknown=verdict.follows_newer(request),
        cause=unread,
    )


def state_before_end(
    request: Request, verdict: Verdict, memory: Memory, details: EndDetails
) -> str | None:
    """The state that acts on the target before the run ends, or None if no state has to.

    A stage is not retried if an approval in it was rejected or timed out.
    """
    retries_left = request.max_stage_retries - memory.stage_retries
    may_retry = retries_left > 0 and verdict.in_time and not details.has_decision
    if verdict.outcome is Outcome.FAILED and may_retry:
        return "RetryStage"
    if verdict.outcome is None and request.on_timeout.stops:
        return "StopExecution"
    return None
