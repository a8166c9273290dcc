"""What a run knows about the job of its action."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from codepipeline_orchestrator.model.whole_seconds import round_up

# CodePipeline fails an action whose job is not answered for 20 minutes:
# https://docs.aws.amazon.com/codepipeline/latest/userguide/limits.html
RENEWAL = timedelta(minutes=10)
# How long to wait after a renewal that answered no job. The state machine has the same value.
AGAIN = timedelta(minutes=2)
_NEXT_JOB = timedelta(seconds=45)  # CodePipeline creates the next job after about 30 seconds
_LONGEST_TO_NEXT_JOB = timedelta(minutes=5)
_CONFIRMED = timedelta(minutes=2)


@dataclass(frozen=True)
class ActionJob:
    """The times at which a run renews its job.

    A run has an ActionJob only while an action waits for it. The job itself is in the jobs table.
    """

    digest: str  # the digest of the secret in the table
    renew_at: datetime  # when to answer the job with a continuation
    confirmed_at: datetime | None = None  # when the action was last known to be waiting
    renewed: int = 0  # the number of the job that was renewed last
    renewed_at: datetime | None = None

    def is_confirmed(self, now: datetime) -> bool:
        """Whether the last confirmation is recent enough for the run to start something."""
        return self.confirmed_at is not None and now - self.confirmed_at <= _CONFIRMED

    def is_due(self, now: datetime) -> bool:
        """Whether to renew the job even without new progress, 10 minutes after the last renewal."""
        return self.renewed_at is not None and now - self.renewed_at >= RENEWAL

    def next_is_late(self, now: datetime) -> bool:
        """Whether CodePipeline should have created the next job by now."""
        return self.renewed_at is None or now - self.renewed_at >= _LONGEST_TO_NEXT_JOB

    def before_poll(self, poll_at: datetime, now: datetime) -> datetime:
        """When the run has to act next: at its next poll or at a renewal, whichever comes first."""
        return min(poll_at, round_up(self.renew_at)) if self.renew_at > now else poll_at

    def soon(self, when: datetime) -> datetime:
        """When to renew the job for new progress: at `when`, but not before the next job exists."""
        if self.renewed_at is None:
            return when
        return min(self.renew_at, max(when, self.renewed_at + _NEXT_JOB))
