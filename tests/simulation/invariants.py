"""The invariants: promises that hold in every world, no matter what goes wrong in it."""

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
    answered.actions_get_their_runs_results,
    started.targets_start_once,
    started.runs_follow_their_own_executions,
    started.only_requested_stops_happen,
    started.only_requested_retries_happen,
    decided.no_decision_is_retried,
    honored.inputs_are_honored,
    honored.refused_executions_differ,
    honored.restarts_are_followed,
    honored.runs_wait_for_an_idle_target,
    honored.latest_is_the_newest,
    stopped.unneeded_targets_are_stopped,
    stopped.runs_stop_only_their_own_targets,
    stopped.messages_about_stops_are_true,
    stopped.nothing_starts_for_an_ended_action,
    announced.announced_ends_are_reported_fast,
    announced.one_run_starts_an_idle_target,
    told.outcomes_are_true,
    told.a_failure_is_final,
    told.results_have_correct_times,
    told.results_have_the_times_of_every_action,
    told.runs_keep_their_deadlines,
    told.histories_stay_within_the_limit,
    secrets_kept.no_credential_is_written,
    secrets_kept.no_secret_of_a_job_is_written,
)


def violations(world: SimulatedWorld) -> list[str]:
    """The violations in a finished world, each with the name of its invariant."""
    return [f"{holds.__name__}: {what}" for holds in ALL for what in holds(world)]
