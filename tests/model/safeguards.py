"""The safeguards of both protocols, which can be switched off to show that they are needed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class JobRules:
    """The safeguards of the jobs. Each description says what the safeguard ensures."""

    numbers: bool = True
    """Jobs are numbered. An older job is not filed, and a renewal needs a newer job."""
    next_number_by_run: bool = True
    """A renewal of job n puts n + 1 into the continuation token."""
    next_number_by_others: bool = True
    """codepipeline_job and close_job do the same when they continue job n without the run."""
    claim: bool = True
    """The run sets `begun` before it starts anything, which rules out "never began"."""
    answer_forbids_start: bool = True
    """The run does not begin if there is already an answer."""
    if_not_exists: bool = True
    """The answer is SET with if_not_exists, so a retry that meets its own effect succeeds."""
    filed_before_answer: bool = True
    """A job is filed only while there is no answer."""
    status_after_filing: bool = True
    """codepipeline_job reads the run's status after it has filed a job."""
    give_when_filing: bool = True
    """codepipeline_job sends a stored answer to its job."""
    give_when_confirming: bool = True
    """A run that finds an answer before it starts anything sends it. Its writer may have died."""
    give_left_answer: bool = True
    """RenewJob, and close_job for a redriven run, send a stored answer.

    Either one is enough as long as Lambda does not drop an event for close_job.
    """
    redrive_count: bool = True
    """close_job accepts that a run continues only if it was redriven after its end."""


@dataclass(frozen=True, slots=True)
class WaitRules:
    """The safeguards of the waits."""

    counter: bool = True
    """`heard` counts the waking events instead of holding the id of the newest one."""
    condition: bool = True
    """A run registers only if `heard` has the value that the run knows."""
    told_by_read: bool = True
    """A run that reads `heard` after a refused registration polls as if an event had woken it."""
    told_by_others: bool = True
    """A run woken by an approval polls as if for an end if other events were counted too."""
    told_kept: bool = True
    """A run that expects a poll to show an end still expects it after another event."""
    read_before_poll: bool = True
    """`heard` is read before the poll that it justifies, not between poll and registration."""
    wake_again: bool = True
    """An invocation of wake that died is repeated."""
    count_with_tokens: bool = True
    """An invocation of wake counts the event and reads the tokens in one call."""
