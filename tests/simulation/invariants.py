"""What holds in every world, whatever went wrong in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.simulation import (
    announced,
    answered,
    decided,
    honored,
    secrets_kept,
    started,
    stopped,
    told,
)

if TYPE_CHECKING:
    from tests.simulation.scene import SimulatedWorld

ALL = (
    answered.every_action_ends,
    answered.nothing_begins_too_late,
    answered.no_success_leaves_a_job_open,
    answered.jobs_hear_what_runs_tell,
    started.targets_start_once,
    started.nobody_follows_what_others_started,
    started.nothing_is_stopped_unasked,
    started.nothing_is_retried_unasked,
    decided.no_decision_is_retried,
    honored.what_was_asked_for_is_honored,
    honored.refusals_of_what_was_found_are_right,
    honored.restarts_are_followed,
    honored.nothing_runs_where_a_run_starts_alone,
    honored.latest_is_the_newest,
    stopped.what_was_to_stop_was_stopped,
    stopped.only_its_own_is_stopped,
    stopped.what_is_said_was_done,
    stopped.nothing_starts_for_an_ended_action,
    announced.announced_ends_are_told_at_once,
    announced.one_run_starts_an_idle_target,
    told.runs_tell_the_truth,
    told.a_failure_is_final,
    told.ends_have_their_times,
    told.runs_keep_their_deadlines,
    told.histories_stay_within_the_limit,
    secrets_kept.no_credential_is_written,
    secrets_kept.no_secret_of_a_job_is_written,
)


def violations(world: SimulatedWorld) -> list[str]:
    """What was violated in a world that has come to its end, each with the invariant's name."""
    return [f"{holds.__name__}: {what}" for holds in ALL for what in holds(world)]
