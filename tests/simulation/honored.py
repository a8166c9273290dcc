"""Promises about the input: runs honor it, or report how their execution differs from it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from codepipeline_sandbox.codepipeline.models import codepipeline_backends
from playground.company import REGION
from tests.simulation.runs import Run, all_runs, says_little

if TYPE_CHECKING:
    from codepipeline_sandbox.codepipeline.engine.executions import Execution
    from tests.simulation.observer import Observer, Past
    from tests.simulation.scene import SimulatedWorld
    from tests.simulation.targets import Target

MISMATCH = "PipelineExecutionMismatch"
_FOUND = re.compile(r"^Execution ([0-9a-f-]{36}) of ")
_VISIBLE = 6  # seconds after which a listing is sure to contain an execution
_ATTEMPT = 35  # the maximum time in seconds from the beginning of a start attempt to its last call
_REPLACED_WITHIN = 300  # seconds within which the replacement of an ended execution starts
_CONFIRMED = 60  # seconds to read an execution's end and search for its replacement
_FOLLOWED = {"Succeeded", "Failed", "Stopped", "Cancelled", "Superseded", "TimedOut", "Started"}
_OF_AN_UPDATE = {"Cancelled", "Failed", "Superseded"}


def inputs_are_honored(world: SimulatedWorld) -> Iterator[str]:
    """Variables and revisions match the input, or the result names those that differ."""
    for run in all_runs():
        result = run.result or {}
        if result.get("outcome") not in _FOLLOWED or "pipelineExecutionId" not in result:
            continue
        different = differences(run, result["pipelineExecutionId"])
        if different and not _is_another(result) and not says_little(run, result):
            yield f"run {run.name} follows an execution with different {sorted(different)}"
        elif different - _named(result) and not _was_unread(run, result, world.observer):
            yield f"run {run.name} does not name all of {sorted(different)}: {dict(result)}"


def refused_executions_differ(_: SimulatedWorld) -> Iterator[str]:
    """A run refuses to follow an execution only if that execution differs from the input."""
    for run in all_runs():
        result = run.result or {}
        if result.get("error") == MISMATCH and "message" in result:
            found = _FOUND.search(str(result["message"]))
            if found is None or not differences(run, found[1]):
                yield f"run {run.name} refuses an execution that matches: {result['message']}"


def restarts_are_followed(world: SimulatedWorld) -> Iterator[str]:
    """If onRestarted is follow, a run follows the execution that replaced its own, and no other."""
    targets = {target.name: target for target in world.targets}
    for run in all_runs():
        result = run.result or {}
        target = targets.get(run.asked["pipelineName"])
        if target is None or run.asked.get("onRestarted") != "follow":
            continue
        ended = str(result.get("pipelineExecutionId"))
        is_over = result.get("outcome") in _OF_AN_UPDATE
        missed = _missed(run, ended, target, world) if is_over else None
        if missed and not _was_kept_from_looking(run, world.observer):
            yield f"run {run.name} ended with {ended}, which was replaced by {missed}"
        if "restarted" in result and "superseded" not in result:
            restarted = result["restarted"]
            chain = list(_replacements(restarted, world.observer))
            if ended not in chain:
                yield f"run {run.name} follows {ended}, but {restarted} was replaced by {chain}"


def runs_wait_for_an_idle_target(world: SimulatedWorld) -> Iterator[str]:
    """A run never starts a target that is visibly running unless ifRunning is start."""
    for run in all_runs():
        result = run.result or {}
        past = world.observer.pasts.get(result.get("pipelineExecutionId", ""))
        how = run.asked.get("ifRunning", "start")
        if past is None or how == "start" or result.get("superseded") or result.get("restarted"):
            continue
        if past.trigger.endswith(f"/{run.session}"):
            seen = past.began - _VISIBLE - _ATTEMPT
            beside = world.observer.going_on(past.account, past.pipeline, seen, past.began)
            if beside and "may have been in progress" not in str(result.get("message")):
                yield (
                    f"run {run.name} started a target while {beside} was running, "
                    f"although ifRunning is {how}"
                )


def latest_is_the_newest(world: SimulatedWorld) -> Iterator[str]:
    """Mode `latest` follows the newest execution, and never one older than `startedAfter`."""
    for run in all_runs():
        result = run.result or {}
        past = world.observer.pasts.get(result.get("pipelineExecutionId", ""))
        is_another = result.get("superseded") or result.get("restarted")
        if run.asked.get("mode") != "latest" or past is None or is_another:
            continue
        if past.began < (_counts_from(run) or 0):
            yield f"run {run.name} follows an execution that began before {_counts_from(run)}"
        latest = run.last("StartExecution").begun - _VISIBLE
        newer = [
            each
            for each, other in world.observer.pasts.items()
            if (other.account, other.pipeline) == (past.account, past.pipeline)
            and past.began < other.began < latest
        ]
        if newer:
            yield f"run {run.name} does not follow the latest execution: {newer[:3]} are newer"


def differences(run: Run, execution_id: str) -> set[str]:
    """The variables and revisions that differ between the input and the execution."""
    execution = _execution(run, execution_id)
    variables = {
        f"variables.{each['name']}"
        for each in run.asked.get("variables") or []
        if execution.variables.get(each["name"]) != each["value"]
    }
    revisions = {
        f"sourceRevisions.{each['actionName']}"
        for each in run.asked.get("sourceRevisions") or []
        if (found := execution.revisions.get(each["actionName"])) is not None
        and found.revision_id != each["revisionValue"]
    }
    return variables | revisions


def _execution(run: Run, execution_id: str) -> Execution:
    backend = codepipeline_backends[run.account][REGION]
    found: Execution = backend.pipeline(run.asked["pipelineName"]).executions[execution_id]
    return found


def _is_another(result: Mapping[str, Any]) -> bool:
    return bool(result.get("superseded") or result.get("restarted"))


def _named(result: Mapping[str, Any]) -> set[str]:
    return {each["name"] for each in result.get("differences") or []}


def _was_unread(run: Run, result: Mapping[str, Any], observer: Observer) -> bool:
    return bool(
        result.get("unreported") or result.get("status") == "unreadable"
    ) or observer.struck("GetState", run.last("GetState").begun - _ATTEMPT, run.ended)


def _replacements(execution_id: str, observer: Observer) -> Iterator[str]:
    """Yield the execution that replaced this one, then its replacement, and so on."""
    while (found := _replacement(observer.pasts[execution_id], observer)) is not None:
        yield found
        execution_id = found


def _replacement(ended: Past, observer: Observer) -> str | None:
    found = [
        (past.began, each)
        for each, past in observer.pasts.items()
        if (past.account, past.pipeline) == (ended.account, ended.pipeline)
        and past.version > ended.version
        and ended.began < past.began <= ended.ended + _REPLACED_WITHIN
    ]
    return min(found)[1] if found else None


def _missed(run: Run, ended_id: str, target: Target, world: SimulatedWorld) -> str | None:
    observer = world.observer
    ended = observer.pasts[ended_id]
    found = _replacement(ended, observer)
    if found is None:
        return None
    began, poll = observer.pasts[found].began, run.last("GetState").begun
    if began + _VISIBLE < poll:
        return found
    was_updated = any(ended.began < at <= ended.ended for at in target.updates)
    return found if was_updated and began + _CONFIRMED < run.deadline else None


def _was_kept_from_looking(run: Run, observer: Observer) -> bool:
    poll = run.last("GetState")
    return observer.struck("GetState", poll.begun - _ATTEMPT, poll.ended) or bool(
        run.ended >= run.deadline
    )


def _counts_from(run: Run) -> float | None:
    after = run.asked.get("startedAfter")
    if after is None:
        return None
    return run.started if after == "run" else datetime.fromisoformat(after).timestamp()
