"""What a run knows of the job of the action that asked for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from codepipeline_orchestrator.clock import whole_second

# CodePipeline gives up an action that is silent for 20 minutes:
# https://docs.aws.amazon.com/codepipeline/latest/userguide/limits.html
RENEWAL = timedelta(minutes=10)
AGAIN = timedelta(minutes=2)  # after a renewal that answered nothing; so does the state machine
_NEXT_JOB = timedelta(seconds=45)  # CodePipeline makes it after about 30
_LONGEST_TO_NEXT_JOB = timedelta(minutes=5)
_CONFIRMED = timedelta(minutes=2)


@dataclass(frozen=True)
class ActionJob:
    """A run has one as long as an action waits for it. The job itself is in the Jobs table."""

    digest: str  # of the secret in the table
    renew_at: datetime  # when the job is to be answered with a continuation
    confirmed_at: datetime | None = None  # when the action was last known to wait
    renewed: int = 0  # number of the job that was renewed last
    renewed_at: datetime | None = None

    def is_confirmed(self, now: datetime) -> bool:
        """Whether the action was known to wait so lately that something may be started for it."""
        return self.confirmed_at is not None and now - self.confirmed_at <= _CONFIRMED

    def is_due(self, now: datetime) -> bool:
        """Whether the ten minutes are over, and not only something is to be shown."""
        return self.renewed_at is not None and now - self.renewed_at >= RENEWAL

    def next_is_late(self, now: datetime) -> bool:
        """Whether CodePipeline should have made the job after the one renewed last."""
        return self.renewed_at is None or now - self.renewed_at >= _LONGEST_TO_NEXT_JOB

    def before_poll(self, poll_at: datetime, now: datetime) -> datetime:
        """When the run has to act next: at the poll, or at a renewal that comes before it."""
        return min(poll_at, whole_second(self.renew_at)) if self.renew_at > now else poll_at

    def soon(self, when: datetime) -> datetime:
        """When to renew it if there is something to show then: as soon as its next job is there."""
        if self.renewed_at is None:
            return when
        return min(self.renew_at, max(when, self.renewed_at + _NEXT_JOB))
