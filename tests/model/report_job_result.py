"""The model of report_job_result, which confirms the action, renews the job and reports the end.

If a task is killed, the state machine retries it from its first call.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from tests.model import answering
from tests.model.answering import give, write_answer
from tests.model.calls import Call
from tests.model.job_world import Found, History, Item, Process, World
from tests.model.safeguards import JobRules
from tests.model.the_run import enter, fail


def returns(me: Process, world: World, **run: object) -> World:
    """End the task and continue the run with these changes. An orphan has no effect on the run."""
    world = world.minus(me)
    if me.orphan:
        return world
    assert world.run is not None
    return enter(world, world.run._replace(**run))  # type: ignore[arg-type]


def retried(me: Process, world: World) -> World:
    return returns(me, world)


# ConfirmAction


def claim(world: World, me: Process, rules: JobRules) -> Call[World, Item]:
    """Set `begun` unless an answer is stored."""

    def effect(world: World) -> tuple[World, Item]:
        item = world.item
        assert item is not None
        if item.answer is None or not rules.answer_forbids_start:
            item = item._replace(begun=True)
        return world._replace(item=item), item

    def then(world: World, item: Item) -> World:
        if item.answer is None or not rules.answer_forbids_start:
            if me.redrives:
                return world.goes_to(me, "ask before start")
            return returns(me, world, at="start")
        if not me.redrives and not rules.give_when_confirming:
            return _nothing_to_start(me, world)
        return world.goes_to(me, "give old answer", Found(item.job, item.answer))

    def says(item: Item) -> str:
        return f"confirms the action; its answer is {item.answer}"

    retry = partial(retried, me)
    return Call(me, "dynamodb:UpdateItem", says, effect, then, retry, retry)


def ask_before_start(world: World, me: Process, rules: JobRules) -> Call[World, bool]:
    """Check that the action is still in progress, because a redrive may happen hours later."""

    def then(world: World, going_on: bool) -> World:
        return returns(me, world, at="start") if going_on else _nothing_to_start(me, world)

    def error(world: World) -> World:
        return returns(me, world, at="start")

    return _list_action_executions(me, then, error)


def _nothing_to_start(me: Process, world: World) -> World:
    after = world.minus(me)
    return after if me.orphan else fail(after, "action ended", reported=True)


def give_old_answer(world: World, me: Process, rules: JobRules) -> Call[World, bool]:
    """Send the stored answer. Only a redriven run still starts the target afterward."""

    def then(world: World, _: bool) -> World:
        if me.redrives:
            return returns(me, world, at="start", jobless=True)
        return _nothing_to_start(me, world)

    return give(me, then, partial(retried, me))


# RenewJob


def read_item(world: World, me: Process, rules: JobRules) -> Call[World, Item | None]:
    """Read the item. Then send a stored answer, continue a newer job, or check the action."""
    assert world.run is not None
    renewed = world.run.renewed

    def then(world: World, item: Item | None) -> World:
        if item is None:
            return renewal_ends(me, world)
        if item.answer is not None and rules.give_left_answer:
            return world.goes_to(me, "give found answer", Found(item.job, item.answer))
        if item.answer is not None:
            return renewal_ends(me, world, jobless=True)
        if (item.n if rules.numbers else item.job) <= renewed:
            return world.goes_to(me, "ask")
        number = item.n + 1 if rules.next_number_by_run else item.n
        return world.goes_to(me, "continue", Found(item.job, number))

    call = answering.read_item(me, then, partial(retried, me))
    call.error = partial(renewal_fails, me)
    return call


def give_found_answer(world: World, me: Process, rules: JobRules) -> Call[World, bool]:
    """Send the stored answer. Afterward, the run continues without a job."""
    return _renewal_gives(me, lambda world, _: renewal_ends(me, world, jobless=True))


def continue_job(world: World, me: Process, rules: JobRules) -> Call[World, bool]:
    """Continue the job, or check the action if the job is not open."""
    assert me.found is not None
    assert isinstance(me.found.reply, int)
    own = me.found.reply - 1 if rules.next_number_by_run else me.found.reply
    renewed = own if rules.numbers else me.found.job

    def then(world: World, taken: bool) -> World:
        if taken:
            return renewal_ends(me, world, renewed=renewed)
        return world.goes_to(me, "ask")

    return _renewal_gives(me, then)


def ask(world: World, me: Process, rules: JobRules) -> Call[World, bool]:
    """Check with ListActionExecutions whether the action is still in progress."""

    def then(world: World, going_on: bool) -> World:
        return renewal_ends(me, world) if going_on else renewal_ends(me, world, jobless=True)

    return _list_action_executions(me, then, partial(renewal_fails, me))


def _list_action_executions(
    me: Process, then: Callable[[World, bool], World], error: Callable[[World], World]
) -> Call[World, bool]:
    return Call(
        me,
        "codepipeline:ListActionExecutions",
        lambda going_on: f"the action {'is in progress' if going_on else 'has ended'}",
        lambda world: (world, world.action.status == "in progress"),
        then,
        error,
        partial(retried, me),
    )


def renewal_fails(me: Process, world: World) -> World:
    """End a renewal that failed. The run retries soon, so the promises do not apply yet."""
    return returns(me, _settled(world, me), at="follow")


def renewal_ends(me: Process, world: World, **run: object) -> World:
    """End a successful renewal, and check the promises about renewals."""
    if me.orphan:
        return world.minus(me)
    history = world.history
    if history.unanswered and _is_left_open(world, history.unanswered):
        world = world.breaks(f"a renewal leaves j{history.unanswered} open")
    if world.action.status == "abandoned" and not run.get("jobless"):
        world = _missed(world, history)
    return returns(me, _settled(world, me), at="follow", **run)


def _renewal_gives(me: Process, then: Callable[[World, bool], World]) -> Call[World, bool]:
    call = give(me, then, partial(retried, me))
    call.error = partial(renewal_fails, me)
    return call


def _settled(world: World, me: Process) -> World:
    return world if me.orphan else world._replace(history=world.history._replace(unanswered=0))


def _is_left_open(world: World, job: int) -> bool:
    closing = any(each.task in {"close run", "close job"} for each in world.processes)
    still = world.action.status == "in progress" and world.jobs[job - 1].status == "open"
    return still and not closing


def _missed(world: World, history: History) -> World:
    missed = (history.missed or 0) + 1
    world = world._replace(history=world.history._replace(missed=missed))
    return (
        world.breaks("two renewals do not notice that the action is gone") if missed > 1 else world
    )


# ReportJobResult


def set_outcome(world: World, me: Process, rules: JobRules) -> Call[World, Item | None]:
    def then(world: World, item: Item | None) -> World:
        if item is None:  # the SDK's retry found the answer that the first attempt stored
            return returns(me, world, at="end")
        assert item.answer is not None
        return world.goes_to(me, "give outcome", Found(item.job, item.answer))

    return write_answer(me, me.outcome, rules, then, partial(retried, me))


def give_outcome(world: World, me: Process, rules: JobRules) -> Call[World, bool]:
    return give(me, lambda world, _: returns(me, world, at="end"), partial(retried, me))


def give_up(world: World, me: Process) -> World:
    """Fail the run because it could not report its outcome. The cause contains the outcome."""
    return fail(world.minus(me), me.outcome, reported=False)
