"""Promises about jobs: each job is answered in time and with the run's result."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tests.simulation.jobs import Asking, about, askings, to_answer, waits_for_end
from tests.simulation.runs import Run, all_runs

if TYPE_CHECKING:
    from tests.simulation.observer import Effect, Invocation, Observer
    from tests.simulation.scene import SimulatedWorld

_GOOD = {"Succeeded", "Started", "Skipped", "Idle"}
_EVENT_AGE = 300  # seconds; the template's MaximumEventAgeInSeconds
_FUNCTION = 31  # maximum duration of a function in seconds
_SILENCE = 1_200  # seconds after which CodePipeline fails an action whose job was not answered
_LAST_STATE = 600  # maximum duration of all attempts of ReportJobResult in seconds
_ROUNDED = 0.01  # seconds; histories round times to milliseconds
_ABORTED = "stopped in Step Functions"
_ANSWERING = ("CodePipelineJob", "CloseJob", "ReportJobResult")
_CONFIRMS = '"state":"ConfirmAction"'
_COMPARED = 150  # characters of a message to compare; the rest may be truncated


def every_action_ends(world: SimulatedWorld) -> Iterator[str]:
    """No action waits forever, and no action fails because its job was never answered."""
    runs = {run.name: run for run in all_runs()}
    for asking in askings():
        if asking.action.status == "InProgress":
            yield f"the action with job {asking.run_name} never ended"
        run = runs.get(asking.run_name)
        if asking.fell_silent and not _nobody_could_answer(asking, run, world):
            yield f"job {asking.jobs[-1].id} of run {asking.run_name} was not answered in time"
        if "timed out after 24 hours" in asking.message:
            yield f"the action of run {asking.run_name} reached CodePipeline's limit of 24 hours"


def nothing_begins_too_late(_: SimulatedWorld) -> Iterator[str]:
    """No run starts for an action that ended long ago."""
    runs = {run.name: run for run in all_runs()}
    for asking in askings():
        run, job = runs.get(asking.run_name), asking.jobs[0]
        if run is None or asking.action.status == "InProgress":
            continue
        latest = max(job._created + _EVENT_AGE, asking.action.last_update) + _FUNCTION
        if run.started > latest:
            yield f"run {run.name} started for an action that had ended"


def actions_get_their_runs_results(world: SimulatedWorld) -> Iterator[str]:
    """The answer that ends an action matches its run's result."""
    runs = {run.name: run for run in all_runs()}
    for asking in askings():
        answer = asking.final_answer(world.observer)
        if answer is None:
            continue
        run = runs.get(asking.run_name)
        if run and world.redriven.get(run.execution.arn, 0) > answer.time:
            continue  # the action received the result before the run was redriven
        problem = _compared(answer, run, world)
        if problem:
            yield f"the action of run {asking.run_name} {problem}"


def no_success_leaves_a_job_open(world: SimulatedWorld) -> Iterator[str]:
    """A run with the status SUCCEEDED has answered its open job."""
    actions = {asking.run_name: asking.action for asking in askings()}
    for run in all_runs():
        job_id = to_answer(run, world.observer, run.ended)
        if run.status != "SUCCEEDED" or job_id is None or not waits_for_end(run):
            continue
        if actions[run.name].last_update < run.ended:
            continue
        if not any(
            effect.body.get("jobId") == job_id and effect.time <= run.ended + _ROUNDED
            for effect in world.observer.effects
        ):
            yield f"run {run.name} succeeded and left job {job_id} open"


def _compared(answer: Effect, run: Run | None, world: SimulatedWorld) -> str | None:
    failed = answer.operation == "PutJobFailureResult"
    if run is None:
        return None if failed else "succeeded without a run"
    if failed and _is_explained(answer, run, world):
        return None
    if run.status == "ABORTED" and _had_its_answer(run):
        return None
    if run.ended > answer.time:
        return _before_the_end(answer, run)
    if failed:
        return _compared_failure(_message(answer), run)
    return _compared_success(answer, run)


def _message(answer: Effect) -> str:
    return str(answer.body["failureDetails"]["message"])


def _is_explained(answer: Effect, run: Run, world: SimulatedWorld) -> bool:
    """Whether the failure is correct although it does not match the run's result."""
    if _was_kept_from_reading(answer, world.observer):
        return True
    # The answer was sent before the run did anything, or before the run was redriven. The checks in
    # stopped.py cover both cases.
    never = "the run never began." in _message(answer)
    return never or (run.execution.arn in world.redriven and _ABORTED in _message(answer))


def _had_its_answer(run: Run) -> bool:
    return run.was_in(run.ended, "ReportJobResult")


def _compared_success(answer: Effect, run: Run) -> str | None:
    variables = answer.body.get("outputVariables") or {}
    result = run.result
    if result is None:
        return "succeeded although its run was stopped"
    good = result["outcome"] in _GOOD or result.get("accepted") or run.status == "SUCCEEDED"
    same = variables.get("pipelineExecutionId") == result.get("pipelineExecutionId")
    if good and same and variables.get("outcome") == result["outcome"]:
        return None
    return f"got {variables}, but the run reported {dict(result)}"


def _compared_failure(message: str, run: Run) -> str | None:
    if run.status == "ABORTED":
        return None if _ABORTED in message else f"got {message!r} although its run was stopped"
    result = run.result or {}
    if run.status == "SUCCEEDED" or (result.get("unreported") and result["outcome"] in _GOOD):
        return f"failed ({message!r}) although its run succeeded"
    expected = str(result.get("message", ""))[:_COMPARED]
    return None if message.startswith(expected) else f"got {message!r} instead of {expected!r}"


def _was_kept_from_reading(answer: Effect, observer: Observer) -> bool:
    """Whether close_job gave up because it was denied access to the run's status."""
    gives_up = "could not handle this job" in answer.body["failureDetails"]["message"]
    return gives_up and any(
        strike.kind == "denied" and answer.time - _FUNCTION <= strike.time <= answer.time
        for strike in observer.faults
    )


def _before_the_end(answer: Effect, run: Run) -> str | None:
    """Allow a final answer before the run's end only if the run was reporting its outcome."""
    last = run.last_entered("ReportJobResult")
    if last is not None and last <= answer.time and run.ended - answer.time < _LAST_STATE:
        return None  # any function may send the stored answer before the run ends
    return f"got {dict(answer.body)} while the run was still in progress"


def _nobody_could_answer(asking: Asking, run: Run | None, world: SimulatedWorld) -> bool:
    observer, job, end = world.observer, asking.jobs[-1], asking.action.last_update
    attempts = [
        one
        for one in _who_had_to_answer(job.id, asking, run, observer)
        if job._created <= one.time and one.time + _FUNCTION < end and _CONFIRMS not in one.payload
    ]
    if attempts and all(_was_struck(one, observer) for one in attempts):
        return True
    if run is not None and run.status in {"ABORTED", "FAILED"} and _event_was_lost(run, observer):
        # Documented exception: the job was open when the run ended. For later jobs,
        # codepipeline_job reads the run's status.
        return to_answer(run, observer, run.ended) == job.id
    return not attempts and _came_too_late(asking, observer)


def _who_had_to_answer(
    job_id: str, asking: Asking, run: Run | None, observer: Observer
) -> Iterator[Invocation]:
    filed = {each.job for each in observer.filed}
    is_filed = job_id in filed or (run is not None and job_id == asking.run_name)
    functions = ("ReportJobResult", "CloseJob") if is_filed else ("CodePipelineJob", "CloseJob")
    for function in functions:
        for one in about(job_id, asking.run_name, observer.invocations, function):
            if is_filed or job_id in one.payload:
                yield one


def _was_struck(one: Invocation, observer: Observer) -> bool:
    ended = one.ended if one.ended is not None else observer.now
    return observer.struck(one.function, one.time, ended)


def _event_was_lost(run: Run, observer: Observer) -> bool:
    return any(
        "aws.states" in strike.what and run.ended - 1 < strike.time < run.ended + 2
        for strike in observer.faults
    )


def _came_too_late(asking: Asking, observer: Observer) -> bool:
    queued = [
        one
        for function in _ANSWERING
        for one in about(asking.jobs[-1].id, asking.run_name, observer.queued, function)
    ]
    return any(observer.delayed(one.function, one.time, one.time + _SILENCE) for one in queued)
