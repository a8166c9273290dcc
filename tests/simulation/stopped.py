"""Promises about stops: exactly the right targets are stopped, and messages about them are true."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from codepipeline_sandbox.codepipeline import settings
from tests.simulation.jobs import askings
from tests.simulation.observer import GOING_ON
from tests.simulation.runs import Run, all_runs
from tests.simulation.started import STOPS, started_by

if TYPE_CHECKING:
    from tests.simulation.jobs import Asking
    from tests.simulation.observer import Effect, Observer
    from tests.simulation.scene import SimulatedWorld

_RUN = re.compile(r"run (\S+) of codepipeline-orchestrator")
_AFTER_AN_ABORT = 60  # seconds within which the target of an aborted run must be stopped
_NOTICED = 13 * 60  # seconds within which a run must notice that its action has ended
_CONFIRMED = 180  # seconds for which a confirmation remains valid, plus one attempt
# An execution that starts more than this many seconds after an abort belongs to a redriven run.
_CLOCKS = 60
_TELL_THE_ACTION = {"full", "without_arn"}  # job contexts that are sufficient to look up the action
_STOPPED = ("Its target was stopped", "It is being stopped")
_LEFT = ("The target was left unchanged.", "It was left running.", "It was left unchanged.")
_NOTHING = ("Nothing was started.", "Nothing had been started.", "the run never began.")


def unneeded_targets_are_stopped(world: SimulatedWorld) -> Iterator[str]:
    """If onAbort requires it, the target stops when its run is aborted or its action abandoned."""
    asked_by = {asking.run_name: asking for asking in askings()}
    for run in all_runs():
        if run.asked.get("onAbort") not in STOPS:
            continue
        for moment, until in _ends_for_its_target(run, asked_by.get(run.name), world):
            for execution in followed(run, world.observer):
                if _was_left(execution, run, moment, until, world):
                    yield f"run {run.name} did not stop {execution} as onAbort requires"


def runs_stop_only_their_own_targets(world: SimulatedWorld) -> Iterator[str]:
    """A run stops only its own executions.

    In particular, an abort does not stop executions that the run started after a redrive.
    """
    runs = {run.name: run for run in all_runs()}
    for effect in _stops(world.observer):
        run = runs.get(_stopper(effect))
        execution = effect.body["pipelineExecutionId"]
        if run is None or execution not in followed(run, world.observer):
            yield f"{effect.function} stopped {execution}, not a target of {_stopper(effect)}"
        elif str(effect.body["reason"]).startswith("Stop "):
            aborted = [at for at in world.stopped[run.execution.arn] if at <= effect.time]
            if world.observer.pasts[execution].began > max(aborted) + _CLOCKS:
                yield f"{effect.function} stopped {execution}, which started after a redrive"


def messages_about_stops_are_true(world: SimulatedWorld) -> Iterator[str]:
    """Messages from runs and actions about starts and stops are true."""
    runs = {run.name: run for run in all_runs()}
    for name, message, at in _messages(world):
        run = runs.get(name)
        is_alone = run is not None and "clientRequestToken" not in run.asked
        own = started_by(run, world.observer) if run is not None and is_alone else []
        redriven = run is not None and world.redriven.get(run.execution.arn, 0) > at
        stops = [each for each in _stops(world.observer) if _stopper(each) == name]
        if any(words in message for words in _NOTHING) and own and not redriven:
            yield f"run {name} started {own}, but its message is {message!r}"
        if any(words in message for words in _LEFT) and stops and not redriven:
            yield f"run {name} stopped its target, but its message is {message!r}"
        if any(words in message for words in _STOPPED) and not _is_being_stopped(run, at, world):
            yield f"run {name} stopped nothing, but its message is {message!r}"


def nothing_starts_for_an_ended_action(world: SimulatedWorld) -> Iterator[str]:
    """A run that can read its action's status never starts a target long after the action ended."""
    runs = {run.name: run for run in all_runs()}
    if settings.current().lambda_job_context not in _TELL_THE_ACTION:
        return
    for asking in askings():
        run, ended = runs.get(asking.run_name), asking.action.last_update
        if run is None or asking.action.status == "InProgress":
            continue
        for execution in started_by(run, world.observer):
            began = world.observer.pasts[execution].began
            late = began > ended + _CONFIRMED
            if late and not _had_trouble("ReportJobResult", ended, began, world):
                yield f"run {run.name} started {execution} for an action that had ended"


def followed(run: Run, observer: Observer) -> set[str]:
    answers = (visit.changes.get("execution") for visit in run.visits)
    known = {each["pipelineExecutionId"] for each in answers if each}
    given = run.asked.get("pipelineExecutionId")
    return known | set(started_by(run, observer)) | ({given} if given else set())


def _ends_for_its_target(
    run: Run, asking: Asking | None, world: SimulatedWorld
) -> Iterator[tuple[float, float]]:
    """Yield when the target became unnecessary and when it must stop, both in epoch seconds."""
    redriven = world.redriven.get(run.execution.arn, 0.0)
    if run.status == "ABORTED" and redriven < run.ended:
        late = _had_trouble("CloseJob", run.ended - 1, run.ended + _AFTER_AN_ABORT, world)
        lost = world.observer.trouble(run.ended - 1, run.ended + _AFTER_AN_ABORT)
        if not late and not lost:
            yield run.ended, run.ended + _AFTER_AN_ABORT
    if asking is None or asking.action.status != "Abandoned" or redriven:
        return
    moment, until = asking.action.last_update, asking.action.last_update + _NOTICED
    knows = settings.current().lambda_job_context in _TELL_THE_ACTION
    in_time = run.started <= moment and until < run.ended
    if knows and in_time and not world.observer.trouble(run.started, until):
        yield moment, until


def _was_left(execution: str, run: Run, moment: float, until: float, world: SimulatedWorld) -> bool:
    past = world.observer.pasts[execution]
    current = [each for each in run.visits if each.changes.get("execution")]
    newest = current[-1].changes["execution"]["pipelineExecutionId"] if current else execution
    if execution != newest or past.began > moment or not past.during(moment, until) <= GOING_ON:
        return False
    return "Stopping" not in past.during(moment - _NOTICED, until)


def _had_trouble(function: str, begin: float, end: float, world: SimulatedWorld) -> bool:
    return world.observer.struck(function, begin, end)


def _is_being_stopped(run: Run | None, at: float, world: SimulatedWorld) -> bool:
    observer = world.observer
    return run is not None and any(
        observer.pasts[each].during(run.started, at) & {"Stopping", "Stopped"}
        for each in followed(run, observer)
    )


def _messages(world: SimulatedWorld) -> Iterator[tuple[str, str, float]]:
    for run in all_runs():
        if run.result is not None:
            yield run.name, str(run.result.get("message", "")), run.ended
    for asking in askings():
        answer = asking.final_answer(world.observer)
        if answer is not None and answer.operation == "PutJobFailureResult":
            yield asking.run_name, str(answer.body["failureDetails"]["message"]), answer.time


def _stops(observer: Observer) -> list[Effect]:
    return [
        each
        for each in observer.effects
        if each.operation == "StopPipelineExecution" and each.accepted and _stopper(each)
    ]


def _stopper(effect: Effect) -> str:
    found = _RUN.search(str(effect.body.get("reason")))
    return found[1] if found else ""
