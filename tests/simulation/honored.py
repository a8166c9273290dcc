"""What the input asks for is what was followed, or the run says what differs, or it is refused."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sandbox.codepipeline.models import codepipeline_backends
from sandbox.company import REGION
from tests.simulation.runs import Run, all_runs, says_little

if TYPE_CHECKING:
    from sandbox.codepipeline.executions import Execution
    from tests.simulation.observer import Observer, Past
    from tests.simulation.scene import SimulatedWorld
    from tests.simulation.targets import Target

MISMATCH = "PipelineExecutionMismatch"
_FOUND = re.compile(r"found the execution ([0-9a-f-]{36})")
_VISIBLE = 6  # seconds after which a list surely shows an execution
_ATTEMPT = 35  # seconds that an attempt to start, and the call that it makes last, may take
_REPLACED_WITHIN = 300  # seconds after the end of an execution in which its replacement begins
_CONFIRMED = 60  # seconds in which the end of an execution is read, and its replacement looked for
_FOLLOWED = {"Succeeded", "Failed", "Stopped", "Cancelled", "Superseded", "TimedOut", "Started"}
_OF_AN_UPDATE = {"Cancelled", "Failed", "Superseded"}


def what_was_asked_for_is_honored(world: SimulatedWorld) -> Iterator[str]:
    """Variables and revisions are those of the input; or the end says which are not."""
    for run in all_runs():
        told = run.told or {}
        if told.get("outcome") not in _FOLLOWED or "pipelineExecutionId" not in told:
            continue
        different = differences(run, told["pipelineExecutionId"])
        if different and not _is_another(told) and not says_little(run, told):
            yield f"run {run.name} follows an execution with other {sorted(different)}"
        elif different - _named(told) and not _was_unread(run, told, world.observer):
            yield f"run {run.name} does not say which differ of {sorted(different)}: {dict(told)}"


def refusals_of_what_was_found_are_right(_: SimulatedWorld) -> Iterator[str]:
    """What a run refuses to follow has indeed something else than the input asks for."""
    for run in all_runs():
        told = run.told or {}
        if told.get("error") == MISMATCH and "message" in told:
            found = _FOUND.search(str(told["message"]))
            if found is None or not differences(run, found[1]):
                yield f"run {run.name} refuses what it was asked for: {told['message']}"


def restarts_are_followed(world: SimulatedWorld) -> Iterator[str]:
    """Who is to follow the replacement of what an update has ended does, and no other one."""
    targets = {target.name: target for target in world.targets}
    for run in all_runs():
        told = run.told or {}
        target = targets.get(run.asked["pipelineName"])
        if target is None or run.asked.get("onRestarted") != "follow":
            continue
        ended = str(told.get("pipelineExecutionId"))
        is_over = told.get("outcome") in _OF_AN_UPDATE
        missed = _missed(run, ended, target, world) if is_over else None
        if missed and not _was_kept_from_looking(run, world.observer):
            yield f"run {run.name} ended as {ended}, which {missed} has replaced"
        if "restarted" in told and "superseded" not in told:
            chain = list(_replacements(told["restarted"], world.observer))
            if ended not in chain:
                yield f"run {run.name} follows {ended}; {told['restarted']} was replaced by {chain}"


def nothing_runs_where_a_run_starts_alone(world: SimulatedWorld) -> Iterator[str]:
    """Who starts only if nothing runs has not started beside what could be seen to run."""
    for run in all_runs():
        told = run.told or {}
        past = world.observer.pasts.get(told.get("pipelineExecutionId", ""))
        how = run.asked.get("ifRunning", "start")
        if past is None or how == "start" or told.get("superseded") or told.get("restarted"):
            continue
        if past.trigger.endswith(f"/{run.session}"):
            seen = past.began - _VISIBLE - _ATTEMPT
            beside = world.observer.going_on(past.account, past.pipeline, seen, past.began)
            if beside and "is not certain" not in str(told.get("message")):
                yield f"run {run.name} started beside {beside}, although ifRunning is {how}"


def latest_is_the_newest(world: SimulatedWorld) -> Iterator[str]:
    """Mode `latest` follows what began last, and at the time from which on it counts."""
    for run in all_runs():
        told = run.told or {}
        past = world.observer.pasts.get(told.get("pipelineExecutionId", ""))
        is_another = told.get("superseded") or told.get("restarted")
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
            yield f"run {run.name} follows no latest execution: {newer[:3]} are newer"


def differences(run: Run, execution_id: str) -> set[str]:
    """What the input asks for, and the execution has otherwise, by the names of a result."""
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


def _is_another(told: Mapping[str, Any]) -> bool:
    return bool(told.get("superseded") or told.get("restarted"))


def _named(told: Mapping[str, Any]) -> set[str]:
    return {each["name"] for each in told.get("differences") or []}


def _was_unread(run: Run, told: Mapping[str, Any], observer: Observer) -> bool:
    """Whether the run could not read what it ended with: that never changes an outcome."""
    return bool(told.get("unreported") or told.get("status") == "unreadable") or observer.struck(
        "GetState", run.last("GetState").begun - _ATTEMPT, run.ended
    )


def _replacements(execution_id: str, observer: Observer) -> Iterator[str]:
    """What replaced an execution, what replaced that, and so on."""
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
    """The replacement that the run should have come to know, but did not follow."""
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
