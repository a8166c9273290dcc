"""What a run tells is what the execution that it followed was at that moment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sandbox.codepipeline import settings
from tests.simulation.jobs import askings
from tests.simulation.observer import GOING_ON
from tests.simulation.runs import Run, all_runs

if TYPE_CHECKING:
    from tests.simulation.observer import Observer
    from tests.simulation.scene import SimulatedWorld

_ENDS = {"Succeeded", "Failed", "Stopped", "Cancelled", "Superseded"}
_STAGE_CHANGE = "CodePipeline Stage Execution State Change"
_VISIBLE = 6  # seconds after which a list surely shows an execution
_HISTORY = 25_000  # events
_SECOND_POLL = 9  # seconds; a failure that lasts that long is one
_MOMENT = 1.1  # seconds: waits end at whole seconds
_ON_TIME = 5  # seconds after its deadline, with nothing in its way
# What docs/reliability.md says of the deadline, in seconds; tests/template computes it.
_DECIDED = 90
_UNDER_WAY = 4 * 60
_ANSWERED = 9 * 60
_TROUBLE_BEGINS = 400  # seconds before the deadline: a wait or attempts that it falls into


_IN_PART = "The full report could not be made"  # by ReportJobResult, which fails again and again


def runs_tell_the_truth(world: SimulatedWorld) -> Iterator[str]:
    """Each run has ended, with the outcome of the execution that it was to follow."""
    for run in all_runs():
        for problem in _problems(run, world):
            yield f"run {run.name} {problem}"


def a_failure_is_final(world: SimulatedWorld) -> Iterator[str]:
    """What was told as failed goes on only if somebody retries it, and not by itself."""
    observer = world.observer
    by_hand = [at for at, said in observer.said if "retry" in said]
    by_hand += [each.time for each in observer.effects if each.operation == "RetryStageExecution"]
    for run in all_runs():
        told = run.told or {}
        if told.get("outcome") != "Failed" or "notRetried" in told:
            continue
        poll = run.last("GetState")
        past = observer.pasts[told["pipelineExecutionId"]]
        for at, status in past.changes:
            by_itself = all(abs(at - other) > _MOMENT for other in by_hand)
            if poll.ended < at < poll.ended + _SECOND_POLL and status == "InProgress" and by_itself:
                yield f"run {run.name} told a failure that was being retried"
        is_read_twice = run.polled[-2:] == ["Failed", "Failed"]
        if not is_read_twice and _may_be_retried(world, told["pipelineExecutionId"], poll.ended):
            yield f"run {run.name} told a failure that it had read but once"


def _may_be_retried(world: SimulatedWorld, execution_id: str, moment: float) -> bool:
    """Whether the stage in which the execution had failed last then has an automatic retry."""
    past = world.observer.pasts[execution_id]
    place = (past.account, past.pipeline)
    retried = {
        stage
        for target in world.targets
        if (target.account, target.name) == place
        for stage in target.retried
    }
    failed = [
        event.document["detail"]["stage"]
        for event in world.observer.events
        if event.time <= moment
        and event.document["detail-type"] == _STAGE_CHANGE
        and event.document["detail"]["execution-id"] == execution_id
        and event.document["detail"]["state"] == "FAILED"
    ]
    return not failed or failed[-1] in retried


def ends_have_their_times(world: SimulatedWorld) -> Iterator[str]:
    """Of what has ended is told when that was, however many executions are newer."""
    observer = world.observer
    for run in all_runs():
        told = run.told or {}
        in_part = "unreported" in told or _IN_PART in str(told.get("message"))
        if told.get("outcome") not in _ENDS or in_part:
            continue
        poll, past = run.last("GetState"), observer.pasts[told["pipelineExecutionId"]]
        times = {"startTime": past.began, "endTime": past.ended}
        wrong = [name for name, at in times.items() if abs(_epoch(told, name) - at) > _MOMENT]
        still = past.ended <= poll.begun  # else it has gone on since
        if wrong and still and not observer.struck("GetState", poll.begun - _MOMENT, poll.ended):
            yield f"run {run.name} tells a wrong {wrong}: {dict(told)}"


def runs_keep_their_deadlines(world: SimulatedWorld) -> Iterator[str]:
    """No run goes on past its deadline, but for what AWS delays, within documented bounds."""
    for run in all_runs():
        latest = max(
            run.deadline,
            world.redriven.get(run.execution.arn, 0),
            run.left("AssumeRole"),  # before that the deadline is not known
        )
        trouble = world.observer.trouble(latest - _TROUBLE_BEGINS, run.ended)
        if not trouble and run.ended > latest + _ON_TIME:
            yield f"run {run.name} ended {run.ended - latest:.0f} s after its deadline"
        decided = run.last_entered("ReportJobResult") or run.ended
        under_way = run.was_in(latest + _MOMENT, "StartExecution", "RetryStage")
        if decided > latest + _DECIDED + under_way * _UNDER_WAY:
            yield f"run {run.name} was decided {decided - latest:.0f} s after its deadline"
        if run.ended > max(decided, latest) + _ANSWERED:
            yield f"run {run.name} took {run.ended - decided:.0f} s to report its end"


def histories_stay_within_the_limit(_: SimulatedWorld) -> Iterator[str]:
    """No history comes near 25,000 events, nor more often than every other second."""
    for run in all_runs():
        if len(run.events()) > min(_HISTORY, 200 + 5 * (run.ended - run.started)):
            yield f"run {run.name} has {len(run.events())} events"


def _epoch(told: Mapping[str, Any], name: str) -> float:
    return datetime.fromisoformat(told[name]).timestamp() if name in told else 0.0


def _problems(run: Run, world: SimulatedWorld) -> Iterator[str]:
    if run.status == "ABORTED":
        if run.execution.arn not in world.stopped:
            yield "was stopped by nobody"
        return
    told = run.told
    if run.status not in {"SUCCEEDED", "FAILED"} or not told or "outcome" not in told:
        yield f"ended {run.status} and tells {run.execution.error}: {run.execution.cause}"
        return
    if not _is_true(run, told, world.observer):
        yield f"tells {dict(told)}"
    yield from _unheeded(run, told)


def _is_true(run: Run, told: Mapping[str, Any], observer: Observer) -> bool:
    outcome = told["outcome"]
    if outcome == "Error":
        return _is_explained(run, told, observer)
    if outcome == "TimedOut":
        return _is_late(run, told, observer)
    poll = run.last("GetState" if outcome in _ENDS else "StartExecution")
    if outcome == "Idle":
        pipeline, begun = run.asked["pipelineName"], poll.begun - _VISIBLE
        return "is not certain" in told["message"] or not observer.going_on(
            run.account, pipeline, begun, poll.ended
        )
    past = observer.pasts.get(told.get("pipelineExecutionId", ""))
    if past is None or past.pipeline != run.asked["pipelineName"]:
        return False
    seen = past.during(poll.begun, poll.ended)
    return {"Started": True, "Skipped": bool(seen & GOING_ON)}.get(outcome, outcome in seen)


def _is_late(run: Run, told: Mapping[str, Any], observer: Observer) -> bool:
    if run.ended < run.deadline - 1:
        return False
    execution = told.get("pipelineExecutionId")
    if told.get("status") == "unreadable":
        is_new = execution and run.ended - observer.pasts[execution].changes[0][0] <= _VISIBLE
        return bool(is_new) or observer.trouble(run.started, run.ended)
    if execution is None:
        return True  # it has waited for others, until it was too late to start
    poll = run.last("GetState")
    begun = poll.begun - settings.current().end_visible_after
    return told["status"] in observer.pasts[execution].during(begun, poll.ended)


def _is_explained(run: Run, told: Mapping[str, Any], observer: Observer) -> bool:
    """Whether an error of ours has a cause: what was asked for, or a fault that is no other's.

    No refusal of AWS is final but a denial, whatever its code is.
    """
    is_missing = run.asked["pipelineName"] == "missing"
    match told["error"]:
        case "PipelineNeverRun":
            explained = run.asked.get("onNeverRun") != "succeed"
        case "PipelineNotFound":
            explained = is_missing
        case "PipelineExecutionMismatch":
            explained = True  # honored.py asks whether it is right
        case "TargetAccessDenied" | "TargetRoleNotAssumable":
            # The local role is for the pipelines that the template names.
            explained = is_missing or observer.trouble(run.started, run.ended, "denied")
        case "InvokingActionEnded":
            explained = any(
                asking.run_name == run.name and asking.action.last_update <= run.ended
                for asking in askings()
            )
        case "FunctionFailed":  # as long as the deadline is not known, nothing goes on for ever
            explained = observer.struck("AssumeRole", run.started, run.ended)
        case _:
            explained = False
    return explained


def _unheeded(run: Run, told: Mapping[str, Any]) -> Iterator[str]:
    """What the input asks for besides, and was not done."""
    asked, superseded = run.asked, told["outcome"] == "Superseded"
    if int(told.get("stageRetries") or 0) > int(asked.get("maxStageRetries") or 0):
        yield f"retried too often: {dict(told)}"
    is_late = told["outcome"] == "TimedOut" and "pipelineExecutionId" in told
    stops = asked.get("onTimeout") in {"stop", "abandon"}
    if is_late and stops and not (told.get("stopped") or told.get("notStopped")):
        yield f"was to stop its target: {dict(told)}"
    accepted = superseded and asked.get("onSuperseded") == "succeed"
    good = told["outcome"] in {"Succeeded", "Started", "Skipped", "Idle"} or accepted
    if told["outcome"] == "Error" and told.get("accepted"):
        good = True
    unreported = told.get("unreported")
    if not unreported and good is not (run.status == "SUCCEEDED"):
        yield f"ended {run.status} and tells {dict(told)}"
