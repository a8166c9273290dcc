"""Promises about results: a run reports the true state of the execution that it followed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from codepipeline_sandbox.codepipeline import settings
from codepipeline_sandbox.codepipeline.models import codepipeline_backends
from playground.company import REGION
from tests.simulation.jobs import askings
from tests.simulation.observer import GOING_ON
from tests.simulation.runs import Run, all_runs

if TYPE_CHECKING:
    from tests.simulation.observer import Observer
    from tests.simulation.scene import SimulatedWorld

_ENDS = {"Succeeded", "Failed", "Stopped", "Cancelled", "Superseded"}
_STAGE_CHANGE = "CodePipeline Stage Execution State Change"
_TIMES = ("startTime", "endTime")
_VISIBLE = 6  # seconds after which a listing is sure to contain an execution
_HISTORY = 25_000  # events
_SECOND_POLL = 9  # seconds; a failure that lasts this long is final
_MOMENT = 1.1  # seconds; waits end at whole seconds
_ON_TIME = 5  # seconds after the deadline if nothing goes wrong
# How many seconds late a run may be, as documented in docs/reliability.md. Tests in tests/template
# compute these limits.
_DECIDED = 90
_UNDER_WAY = 4 * 60
_ANSWERED = 9 * 60
# Waits and attempts can run past the deadline, so a fault up to this many seconds before the
# deadline can delay the end.
_TROUBLE_BEGINS = 400


# Part of the message when ReportJobResult fails repeatedly.
_IN_PART = "The full report could not be created"


def outcomes_are_true(world: SimulatedWorld) -> Iterator[str]:
    """Each run ends with the true outcome of the execution that it followed."""
    for run in all_runs():
        for problem in _problems(run, world):
            yield f"run {run.name} {problem}"


def a_failure_is_final(world: SimulatedWorld) -> Iterator[str]:
    """A target that was reported as failed continues only if someone retries it."""
    observer = world.observer
    by_hand = [at for at, said in observer.said if "retry" in said]
    by_hand += [each.time for each in observer.effects if each.operation == "RetryStageExecution"]
    for run in all_runs():
        result = run.result or {}
        if result.get("outcome") != "Failed" or "notRetried" in result:
            continue
        poll = run.last("GetState")
        past = observer.pasts[result["pipelineExecutionId"]]
        for at, status in past.changes:
            by_itself = all(abs(at - other) > _MOMENT for other in by_hand)
            if poll.ended < at < poll.ended + _SECOND_POLL and status == "InProgress" and by_itself:
                yield f"run {run.name} reported a failure that was being retried"
        is_read_twice = run.polled[-2:] == ["Failed", "Failed"]
        if not is_read_twice and _may_be_retried(world, result["pipelineExecutionId"], poll.ended):
            yield f"run {run.name} reported a failure that it had polled only once"


def _may_be_retried(world: SimulatedWorld, execution_id: str, moment: float) -> bool:
    """Whether the stage in which the execution last failed has automatic retries."""
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


def results_have_correct_times(world: SimulatedWorld) -> Iterator[str]:
    """Results have the correct start and end times, no matter how many executions are newer."""
    observer = world.observer
    for run in all_runs():
        result = run.result or {}
        in_part = "unreported" in result or _IN_PART in str(result.get("message"))
        if result.get("outcome") not in _ENDS or in_part:
            continue
        poll, past = run.last("GetState"), observer.pasts[result["pipelineExecutionId"]]
        times = {"startTime": past.began, "endTime": past.ended}
        wrong = [name for name, at in times.items() if abs(_epoch(result, name) - at) > _MOMENT]
        still = past.ended <= poll.begun  # otherwise, the execution continued after the poll
        if wrong and still and not observer.struck("GetState", poll.begun - _MOMENT, poll.ended):
            yield f"run {run.name} reports a wrong {wrong}: {dict(result)}"


def results_have_the_times_of_every_action(world: SimulatedWorld) -> Iterator[str]:
    """Results that list the stages have the correct times for every action."""
    for run in all_runs():
        result = run.result or {}
        if not result.get("stages"):
            continue
        execution_id, polled = result["pipelineExecutionId"], run.last("GetState").ended
        past = world.observer.pasts[execution_id]
        acted = codepipeline_backends[past.account][REGION].pipeline(past.pipeline)
        true = {
            (each.stage_run.name, each.name, round(each.start_time, 3), round(each.last_update, 3))
            for each in acted.execution(execution_id).action_runs
            if each.last_update <= polled
        }
        listed = {
            (stage["name"], each["name"], *(round(_epoch(each, n), 3) for n in _TIMES))
            for stage in result["stages"]
            for each in stage["actions"]
            if "endTime" in each
        }
        if listed != true:
            yield f"run {run.name} reports wrong actions: {sorted(listed ^ true)}"


def runs_keep_their_deadlines(world: SimulatedWorld) -> Iterator[str]:
    """Runs end at their deadline. Faults can delay the end only within the documented limits."""
    for run in all_runs():
        latest = max(
            run.deadline,
            world.redriven.get(run.execution.arn, 0),
            run.left("AssumeRole"),  # before that, the run does not know its deadline
        )
        trouble = world.observer.trouble(latest - _TROUBLE_BEGINS, run.ended)
        if not trouble and run.ended > latest + _ON_TIME:
            yield f"run {run.name} ended {run.ended - latest:.0f} s after its deadline"
        decided = run.last_entered("ReportJobResult") or run.ended
        under_way = run.was_in(latest + _MOMENT, "StartExecution", "RetryStage")
        if decided > latest + _DECIDED + under_way * _UNDER_WAY:
            yield f"run {run.name} reached its outcome {decided - latest:.0f} s late"
        if run.ended > max(decided, latest) + _ANSWERED:
            yield f"run {run.name} took {run.ended - decided:.0f} s to report its outcome"


def histories_stay_within_the_limit(_: SimulatedWorld) -> Iterator[str]:
    """Histories stay below 25,000 events and grow slowly."""
    for run in all_runs():
        if len(run.events()) > min(_HISTORY, 200 + 5 * (run.ended - run.started)):
            yield f"run {run.name} has {len(run.events())} events"


def _epoch(result: Mapping[str, Any], name: str) -> float:
    return datetime.fromisoformat(result[name]).timestamp() if name in result else 0.0


def _problems(run: Run, world: SimulatedWorld) -> Iterator[str]:
    if run.status == "ABORTED":
        if run.execution.arn not in world.stopped:
            yield "was aborted, but nobody stopped it"
        return
    result = run.result
    if run.status not in {"SUCCEEDED", "FAILED"} or not result or "outcome" not in result:
        yield f"ended {run.status} with {run.execution.error}: {run.execution.cause}"
        return
    if not _is_true(run, result, world.observer):
        yield f"reports {dict(result)}"
    yield from _unheeded(run, result)


def _is_true(run: Run, result: Mapping[str, Any], observer: Observer) -> bool:
    outcome = result["outcome"]
    if outcome == "Error":
        return _is_explained(run, result, observer)
    if outcome == "TimedOut":
        return _is_late(run, result, observer)
    poll = run.last("GetState" if outcome in _ENDS else "StartExecution")
    if outcome == "Idle":
        pipeline, begun = run.asked["pipelineName"], poll.begun - _VISIBLE
        return "may have been in progress" in result["message"] or not observer.going_on(
            run.account, pipeline, begun, poll.ended
        )
    past = observer.pasts.get(result.get("pipelineExecutionId", ""))
    if past is None or past.pipeline != run.asked["pipelineName"]:
        return False
    seen = past.during(poll.begun, poll.ended)
    return {"Started": True, "Skipped": bool(seen & GOING_ON)}.get(outcome, outcome in seen)


def _is_late(run: Run, result: Mapping[str, Any], observer: Observer) -> bool:
    if run.ended < run.deadline - 1:
        return False
    execution = result.get("pipelineExecutionId")
    if result.get("status") == "unreadable":
        is_new = execution and run.ended - observer.pasts[execution].changes[0][0] <= _VISIBLE
        return bool(is_new) or observer.trouble(run.started, run.ended)
    if execution is None:
        return True  # the run was waiting for an idle target until its deadline
    poll = run.last("GetState")
    begun = poll.begun - settings.current().end_visible_after
    return result["status"] in observer.pasts[execution].during(begun, poll.ended)


def _is_explained(run: Run, result: Mapping[str, Any], observer: Observer) -> bool:
    """Whether the input or a fault explains the outcome Error.

    Access denials are the only simulated refusals that are final.
    """
    is_missing = run.asked["pipelineName"] == "missing"
    match result["error"]:
        case "PipelineNeverRun":
            explained = run.asked.get("onNeverRun") != "succeed"
        case "PipelineNotFound":
            explained = is_missing
        case "PipelineExecutionMismatch":
            explained = True  # honored.py checks this
        case "TargetAccessDenied" | "TargetRoleNotAssumable":
            # The local role allows only the pipelines that the template lists.
            explained = is_missing or observer.trouble(run.started, run.ended, "denied")
        case "InvokingActionEnded":
            explained = any(
                asking.run_name == run.name and asking.action.last_update <= run.ended
                for asking in askings()
            )
        case "FunctionFailed":  # attempts can end before the deadline is known
            explained = observer.struck("AssumeRole", run.started, run.ended)
        case _:
            explained = False
    return explained


def _unheeded(run: Run, result: Mapping[str, Any]) -> Iterator[str]:
    asked, superseded = run.asked, result["outcome"] == "Superseded"
    if int(result.get("stageRetries") or 0) > int(asked.get("maxStageRetries") or 0):
        yield f"retried too many times: {dict(result)}"
    is_late = result["outcome"] == "TimedOut" and "pipelineExecutionId" in result
    stops = asked.get("onTimeout") in {"stop", "abandon"}
    if is_late and stops and not (result.get("stopped") or result.get("notStopped")):
        yield f"did not stop its target: {dict(result)}"
    accepted = superseded and asked.get("onSuperseded") == "succeed"
    good = result["outcome"] in {"Succeeded", "Started", "Skipped", "Idle"} or accepted
    if result["outcome"] == "Error" and result.get("accepted"):
        good = True
    unreported = result.get("unreported")
    if not unreported and good is not (run.status == "SUCCEEDED"):
        yield f"ended {run.status} but reports {dict(result)}"
