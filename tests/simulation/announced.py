"""Promises about events: ends are reported quickly, and only one run starts an idle target."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from codepipeline_sandbox.codepipeline import settings
from tests.simulation.events import arrive_at_once
from tests.simulation.runs import Run, all_runs

if TYPE_CHECKING:
    from tests.simulation.scene import SimulatedWorld

_ENDS = {"Succeeded", "Failed", "Stopped", "Cancelled", "Superseded"}
_ON_TIME = 5.0  # seconds for two deliveries, a cold start and a poll
_CERTAIN = 10.0  # seconds; a failure that may be retried is polled twice
_SHOWN = (0.0, 5.0, 15.0, 35.0)  # the seconds after an event at which a run polls
_BETWEEN_WAITS = ("ReadEventCount", "GetState", "RenewJob")
_TURN = 300.0  # seconds for which a run keeps its turn


def announced_ends_are_reported_fast(world: SimulatedWorld) -> Iterator[str]:
    """If events arrive and nothing fails, a run that waits for an event reports the end in time."""
    if not arrive_at_once(world.events):
        return
    for run in all_runs():
        ended = _end(run, world)
        if ended is None or not _listens(run, ended) or run.execution.arn in world.stopped:
            continue
        free = ended if run.was_in(ended, "WaitForEvent") else run.done_with(ended)
        decided = run.last_entered("ReportJobResult") or run.ended
        trouble = world.observer.trouble(ended - 1, decided)
        if decided > free + _allowed(run, world) and not trouble:
            yield f"run {run.name} reported an announced end after {decided - ended:.1f} s"


def one_run_starts_an_idle_target(world: SimulatedWorld) -> Iterator[str]:
    """Runs that wait for a target to become idle never start it at the same time."""
    starts = [
        (past.began, past.changes, run)
        for run in all_runs()
        if run.asked.get("ifRunning") == "wait"
        for past in world.observer.pasts.values()
        if run.session and past.trigger.endswith(f"/{run.session}")
    ]
    for began, _, run in starts:
        for earlier, changes, other in starts:
            same = run.asked["pipelineName"] == other.asked["pipelineName"]
            beside = earlier < began and all(
                at > began or status in {"InProgress", "Stopping"} for at, status in changes
            )
            if run.name == other.name or not same or run.account != other.account:
                continue
            if beside and not world.observer.struck("StateMachine", began - _TURN, began):
                yield f"run {run.name} started its target while that of {other.name} was running"


def _listens(run: Run, moment: float) -> bool:
    waited = run.first_entered("WaitForEvent")
    is_at_work = run.was_in(
        moment, *_BETWEEN_WAITS, "WaitForEvent"
    )  # otherwise, the run could not register
    return waited is not None and waited <= moment and is_at_work


def _end(run: Run, world: SimulatedWorld) -> float | None:
    """When the reported execution ended. None if the run also followed or retried others."""
    result = run.result or {}
    another = result.get("superseded") or result.get("restarted") or result.get("stageRetries")
    followed = run.asked.get("onRestarted") == "follow" or run.asked.get("onSuperseded") == "follow"
    if (
        result.get("outcome") not in _ENDS
        or another
        or followed
        or "pipelineExecutionId" not in result
    ):
        return None
    return world.observer.pasts[result["pipelineExecutionId"]].ended


def _allowed(run: Run, world: SimulatedWorld) -> float:
    """The seconds allowed between the end of the target and the run's decision.

    A duplicate event makes the run restart its series of polls.
    """
    hidden = settings.current().end_visible_after
    shown = next(after for after in _SHOWN if hidden <= after)
    if hidden and world.events == "doubled":
        shown = hidden + _SHOWN[-1] - _SHOWN[-2]
    certain = _CERTAIN if (run.result or {}).get("outcome") == "Failed" else 0.0
    return _ON_TIME + shown + certain
