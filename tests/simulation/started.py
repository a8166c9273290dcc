"""Promises about starts: targets are started, stopped and retried only as requested."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tests.simulation.jobs import askings
from tests.simulation.runs import Run, all_runs, says_little

if TYPE_CHECKING:
    from tests.simulation.observer import Effect, Observer
    from tests.simulation.scene import SimulatedWorld

_SESSION = re.compile(r":assumed-role/[^/]+/(run-\w+)$")
_RUN = re.compile(r"run (\S+) of codepipeline-orchestrator")
STOPS = {"stop": False, "abandon": True}  # whether each policy abandons running actions


def targets_start_once(world: SimulatedWorld) -> Iterator[str]:
    """Each role session and each client request token starts at most one execution."""
    sessions = Counter(_sessions(world.observer).values())
    for session, number in sessions.items():
        if number > 1:
            yield f"session {session} started {number} executions"
    started: defaultdict[tuple[str, str, str], set[str]] = defaultdict(set)
    for run in all_runs():
        if token := run.asked.get("clientRequestToken"):
            identity = (token, str(run.asked.get("roleArn")), run.asked["pipelineName"])
            started[identity] |= set(started_by(run, world.observer))
    for (token, _, pipeline), executions in started.items():
        if len(executions) > 1:
            yield f"{pipeline} was started {len(executions)} times for the token {token!r}"


def runs_follow_their_own_executions(world: SimulatedWorld) -> Iterator[str]:
    """A run that starts its own target follows only that execution."""
    for run in all_runs():
        result = run.result or {}
        execution = result.get("pipelineExecutionId")
        starts = run.asked.get("mode", "start") == "start"
        another = result.get("superseded") or result.get("restarted") or says_little(run, result)
        alone = run.asked.get("ifRunning", "start") == "start" and not another
        if not (execution and starts and alone and "pipelineExecutionId" not in run.asked):
            continue
        if execution not in started_by(run, world.observer):
            yield f"run {run.name} follows {execution}, which it did not start"


def only_requested_stops_happen(world: SimulatedWorld) -> Iterator[str]:
    """A run stops its target only as onTimeout and onAbort require."""
    runs = {run.name: run for run in all_runs()}
    for effect in world.observer.effects:
        if effect.operation == "StopPipelineExecution" and effect.accepted:
            found = _RUN.search(str(effect.body.get("reason")))
            run = runs.get(found[1]) if found else None
            if run is None or not _may_stop(run, effect, world):
                yield f"{effect.function} stopped {dict(effect.body)}"


def only_requested_retries_happen(world: SimulatedWorld) -> Iterator[str]:
    """Stages are retried at most as many times as the inputs allow."""
    most: Counter[str] = Counter()
    for run in all_runs():
        most[run.asked["pipelineName"]] += int(run.asked.get("maxStageRetries") or 0)
    retried = Counter(
        str(effect.body["pipelineName"])
        for effect in world.observer.effects
        if effect.operation == "RetryStageExecution" and effect.accepted
    )
    for pipeline, number in retried.items():
        if number > most[pipeline]:
            yield f"stages of {pipeline} were retried {number} times, allowed: {most[pipeline]}"


def _may_stop(run: Run, effect: Effect, world: SimulatedWorld) -> bool:
    # The reason for the stop shows which policy caused it.
    late = str(effect.body["reason"]).startswith("Deadline")
    policy = run.asked.get("onTimeout" if late else "onAbort")
    if policy not in STOPS or effect.body["abandon"] is not STOPS[policy]:
        return False
    if late:
        return effect.time >= run.deadline - 1
    gone = [
        asking.action
        for asking in askings()
        if asking.run_name == run.name and asking.action.status != "InProgress"
    ]
    abandoned = any(action.last_update <= effect.time for action in gone)
    return abandoned or run.execution.arn in world.stopped


def _sessions(observer: Observer) -> dict[str, str]:
    found = ((each, _SESSION.search(past.trigger)) for each, past in observer.pasts.items())
    return {each: match[1] for each, match in found if match}


def started_by(run: Run, observer: Observer) -> list[str]:
    return [each for each, session in _sessions(observer).items() if session == run.session]
