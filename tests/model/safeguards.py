"""The safeguards of both protocols, which can be switched off to show that they are needed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class JobRules:
    numbers: bool = True
    """Jobs are numbered. An older job is not filed, and a renewal needs a newer job."""
    next_number_by_run: bool = True
    """A renewal of job n puts n + 1 into the continuation token."""
    next_number_by_others: bool = True
    """codepipeline_job and close_job also use n + 1 when they continue job n without the run."""
    claim: bool = True
    """The run sets `begun` before it starts anything, which rules out "never began"."""
    answer_forbids_start: bool = True
    """A run does not start its target if an answer is already stored."""
    if_not_exists: bool = True
    """The answer is written with if_not_exists, so a repeated call returns the same answer."""
    filed_before_answer: bool = True
    """A job is filed only if no answer is stored."""
    status_after_filing: bool = True
    """codepipeline_job reads the run's status after it has filed a job."""
    give_when_filing: bool = True
    """codepipeline_job sends a stored answer to its job."""
    give_when_confirming: bool = True
    """ConfirmAction sends a stored answer, because the function that stored it may have died."""
    give_left_answer: bool = True
    """RenewJob sends a stored answer, and so does close_job for a redriven run.

    One of the two is enough unless Lambda drops close_job's event.
    """
    redrive_count: bool = True
    """close_job trusts the status RUNNING only if the run was redriven."""


@dataclass(frozen=True, slots=True)
class WaitRules:
    counter: bool = True
    """`heard` counts the waking events instead of storing the ID of the newest one."""
    condition: bool = True
    """A run registers only if `heard` has the value that the run knows."""
    told_by_read: bool = True
    """A run that reads `heard` after a refused registration polls as if an event had woken it."""
    told_by_others: bool = True
    """A run woken by an approval expects an end if other events were counted as well."""
    told_kept: bool = True
    """A run that expects an end still expects it after another event."""
    read_before_poll: bool = True
    """`heard` is read before the poll, not between the poll and the registration."""
    wake_again: bool = True
    """Lambda repeats an invocation of wake that died."""
    count_with_tokens: bool = True
    """wake counts the event and reads the tokens in one call."""
