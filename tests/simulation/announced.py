"""An end that an event announces is told within seconds; and of several runs, one starts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sandbox.codepipeline import settings
from tests.simulation.events import arrive_at_once
from tests.simulation.runs import Run, all_runs

if TYPE_CHECKING:
    from tests.simulation.scene import SimulatedWorld

_ENDS = {"Succeeded", "Failed", "Stopped", "Cancelled", "Superseded"}
_ON_TIME = 5.0  # seconds: two hops, a cold start, a poll
_CERTAIN = 10.0  # seconds: a failure that may be retried is read twice
_SHOWN = (0.0, 5.0, 15.0, 35.0)  # seconds after an event, when a run polls
_BETWEEN_WAITS = ("ReadEventCount", "GetState", "RenewJob")
_TURN = 300.0  # seconds for which one run has its turn


def announced_ends_are_told_at_once(world: SimulatedWorld) -> Iterator[str]:
    """Where events arrive and nothing fails, a run that waits for one is not late."""
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
            yield f"run {run.name} told an announced end after {decided - ended:.1f} s"


def one_run_starts_an_idle_target(world: SimulatedWorld) -> Iterator[str]:
    """Of the runs that wait until a target is idle, no two start it at once."""
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
                yield f"run {run.name} started beside what {other.name} started"


def _listens(run: Run, moment: float) -> bool:
    """Whether it knows then that the events of the execution that it follows arrive."""
    waited = run.first_entered("WaitForEvent")
    is_at_work = run.was_in(moment, *_BETWEEN_WAITS, "WaitForEvent")  # else it could not register
    return waited is not None and waited <= moment and is_at_work


def _end(run: Run, world: SimulatedWorld) -> float | None:
    """When the execution came to the end that the run tells; None if it was not only that."""
    told = run.told or {}
    another = told.get("superseded") or told.get("restarted") or told.get("stageRetries")
    followed = run.asked.get("onRestarted") == "follow" or run.asked.get("onSuperseded") == "follow"
    if told.get("outcome") not in _ENDS or another or followed or "pipelineExecutionId" not in told:
        return None
    return world.observer.pasts[told["pipelineExecutionId"]].ended


def _allowed(run: Run, world: SimulatedWorld) -> float:
    """Seconds from the end to its being decided. A doubled event begins the polls after it anew."""
    hidden = settings.current().end_visible_after
    shown = next(after for after in _SHOWN if hidden <= after)
    if hidden and world.events == "doubled":
        shown = hidden + _SHOWN[-1] - _SHOWN[-2]
    certain = _CERTAIN if (run.told or {}).get("outcome") == "Failed" else 0.0
    return _ON_TIME + shown + certain
