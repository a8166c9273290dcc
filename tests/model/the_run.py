"""The model of a run: the states of its state machine, and aborts and redrives by an operator.

Each task is an invocation of report_job_result. If the run is aborted, the invocation continues as
an orphan.
"""

from __future__ import annotations

from collections.abc import Iterator

from tests.model.job_world import (
    Answer,
    Process,
    Run,
    World,
    in_order,
    only_the_run_answers,
)
from tests.model.safeguards import JobRules
from tests.model.search import Step

# The first call of each task.
_ENTRY = {"confirm": "claim", "renew": "read", "report": "set answer"}


def enter(world: World, run: Run) -> World:
    world = world._replace(run=run)
    match run.at:
        case "confirm" | "renew" | "report":
            first = _ENTRY[run.at]
            task = Process(run.at, first, redrives=run.redrives, outcome=run.outcome)
            return world.plus(task)
        case _:
            return world


def begin_run(world: World, rules: JobRules) -> World:
    return enter(world, Run("confirm" if rules.claim else "start"))


def end(world: World, outcome: Answer) -> World:
    """End the run. If it did not succeed, its status event invokes close_job."""
    assert world.run is not None
    if outcome == "succeeded":
        return world._replace(run=world.run._replace(status="SUCCEEDED"))
    return fail(world, outcome, reported=True)


def fail(world: World, outcome: Answer, *, reported: bool) -> World:
    assert world.run is not None
    failed = world.run._replace(status="FAILED", outcome=outcome, reported=reported)
    return world._replace(run=failed).plus(_status_event(failed))


def _status_event(run: Run) -> Process:
    return Process("close run", "status", redrives=run.redrives)


def run_steps(world: World, rules: JobRules) -> Iterator[tuple[Step, World]]:
    run = world.run
    if run is None:
        return
    if run.status == "RUNNING":
        yield from _transitions(world, run)
        if world.left.aborts:
            yield from _aborts(world, run)
    elif run.status == "ABORTED" and world.left.redrives:
        left = world.left._replace(redrives=world.left.redrives - 1)
        again = run._replace(status="RUNNING", redrives=run.redrives + 1)
        history = world.history._replace(dead_with=0)
        after = enter(world._replace(left=left, history=history), again)
        yield Step("Operator", f"redrives the run in {run.at}", due=False), after


def _transitions(world: World, run: Run) -> Iterator[tuple[Step, World]]:
    match run.at:
        case "start":
            yield Step("Run", "starts the target"), _start_target(world, run)
        case "follow":
            after = run._replace(at="end" if run.jobless else "report")
            yield Step("Run", "the target has ended"), enter(world, after)
            if world.left.renewals and not run.jobless:
                yield Step("Run", "a renewal is due", due=False), _begin_renewal(world, run)
        case "end":
            yield Step("Run", f"ends: {run.outcome}"), end(world, run.outcome)


def _start_target(world: World, run: Run) -> World:
    if world.item is not None and world.item.answer and not run.redrives:
        world = world.breaks(f"the target starts although the answer is {world.item.answer}")
    started = world._replace(history=world.history._replace(started=True))
    return enter(started, run._replace(at="follow"))


def _begin_renewal(world: World, run: Run) -> World:
    left = world.left._replace(renewals=world.left.renewals - 1)
    history = world.history._replace(unanswered=only_the_run_answers(world))
    return enter(world._replace(left=left, history=history), run._replace(at="renew"))


def _aborts(world: World, run: Run) -> Iterator[tuple[Step, World]]:
    left = world.left._replace(aborts=world.left.aborts - 1)
    aborted = run._replace(status="ABORTED")
    processes = in_order(
        each._replace(orphan=True) if each.task in _ENTRY else each for each in world.processes
    )
    after = world._replace(run=aborted, left=left, processes=processes)
    text = f"aborts the run in {run.at}"
    yield Step("Operator", text, due=False), after.plus(_status_event(aborted))
    if left.lost_events:
        yield (
            Step("Operator", text, fault="status event lost", due=False),
            after._replace(
                left=left._replace(lost_events=left.lost_events - 1),
                history=world.history._replace(dead_with=len(world.jobs)),
            ),
        )
