"""The rules of both protocols that can be switched off, each to show that it is needed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class JobRules:
    """The safeguards of the jobs. Each field says what holds while it is on."""

    numbers: bool = True
    """Jobs are told apart by number: an older one is not filed, and a renewal needs a newer one."""
    next_number_by_run: bool = True
    """A renewal of job n puts n + 1 into the continuation token."""
    next_number_by_others: bool = True
    """So do codepipeline_job and close_job when they continue job n without the run."""
    claim: bool = True
    """The run sets `begun` before it starts anything; close_job says "never began" only before."""
    answer_forbids_start: bool = True
    """The run does not begin when there is an answer already."""
    if_not_exists: bool = True
    """The answer is SET with if_not_exists, so a retry that meets its own effect goes on."""
    filed_before_answer: bool = True
    """A job is filed only while there is no answer."""
    status_after_filing: bool = True
    """codepipeline_job reads the run's status after it has filed a job for it."""
    give_when_filing: bool = True
    """codepipeline_job gives an answer that it finds to its job."""
    give_when_confirming: bool = True
    """A run that finds an answer before it starts anything gives it: its writer may have died."""
    give_left_answer: bool = True
    """RenewJob, and close_job for a run that was redriven, give an answer that they find.

    Either is enough, as long as Lambda does not drop an event of close_job's.
    """
    redrive_count: bool = True
    """close_job believes that a run goes on only if it was redriven since it ended."""


@dataclass(frozen=True, slots=True)
class WaitRules:
    """The safeguards of the waits."""

    counter: bool = True
    """`heard` counts the waking events, instead of holding the id of the newest one."""
    condition: bool = True
    """A run registers only if `heard` is what the run knows."""
    told_by_read: bool = True
    """A run that reads `heard` after a refused registration polls as if an event had woken it."""
    told_by_others: bool = True
    """A run that an approval wakes polls as for an end if other events were counted meanwhile."""
    told_kept: bool = True
    """A run that waits for a poll to show an end still does after another event has woken it."""
    read_before_poll: bool = True
    """`heard` is read before the poll that it justifies, not between poll and registration."""
    wake_again: bool = True
    """A waker that died is repeated."""
    count_with_tokens: bool = True
    """A waker counts the event and gets the tokens in one call."""
