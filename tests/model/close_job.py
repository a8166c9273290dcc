"""The model of close_job, which answers jobs whose run has ended or whose event failed.

close_job retries until its time limit, and Lambda repeats its event twice. After each failed
call, the model starts over with the event.
"""

from __future__ import annotations

from functools import partial

from tests.model.answering import describe_run, give, read_item, write_answer
from tests.model.calls import Call
from tests.model.codepipeline_job import next_number, reply_from
from tests.model.job_world import Found, Item, Process, Reply, Run, World, outcome_of
from tests.model.safeguards import JobRules


def begins_again(me: Process, world: World) -> World:
    return world.goes_to(me, "status" if me.task == "close run" else "job status")


def read_status(world: World, me: Process, rules: JobRules) -> Call[World, Run | None]:
    """Read the run's status, which decides whether close_job must act.

    If the status is RUNNING, the run was redriven or the read was stale. A run that reported its
    outcome has stored an answer for all later jobs.
    """

    def then(world: World, run: Run | None) -> World:
        if run is None:
            return begins_again(me, world)
        if run.status == "RUNNING":
            redriven = run.redrives > me.redrives or not rules.redrive_count
            return world.goes_to(me, "look for answer", redriven=redriven)
        if run.reported:
            return world.minus(me)
        return world.goes_to(me, "close", Found(0, outcome_of(run)))

    return describe_run(world, me, then, partial(begins_again, me))


def look_for_answer(world: World, me: Process, rules: JobRules) -> Call[World, Item | None]:
    """Look for an answer that an earlier attempt may have written but not sent."""

    def then(world: World, item: Item | None) -> World:
        if item is None or item.answer is None or not rules.give_left_answer:
            return _leave(me, world)
        found = Found(item.job, item.answer)
        return world.goes_to(me, "give left answer", found, redriven=me.redriven)

    return read_item(me, then, partial(begins_again, me))


def give_left_answer(world: World, me: Process, rules: JobRules) -> Call[World, bool]:
    return give(me, lambda world, _: _leave(me, world), partial(begins_again, me))


def _leave(me: Process, world: World) -> World:
    """Start over unless the run was redriven. A redriven run answers its own job."""
    return world.minus(me) if me.redriven else begins_again(me, world)


def close(world: World, me: Process, rules: JobRules) -> Call[World, Item | None]:
    """Store the run's outcome as the answer unless an answer is already stored."""
    assert me.found is not None
    assert not isinstance(me.found.reply, int)

    def then(world: World, item: Item | None) -> World:
        if item is None:  # the SDK's retry found the answer that the first attempt stored
            return world.minus(me)
        assert item.answer is not None
        return world.goes_to(me, "give closing answer", Found(item.job, item.answer))

    return write_answer(me, me.found.reply, rules, then, partial(begins_again, me))


def read_job_status(world: World, me: Process, rules: JobRules) -> Call[World, Run | None]:
    """Answer a job whose event could not be delivered, based on the status of its run."""
    if me.job > 1:
        return _read_later_job_status(world, me, rules)

    def then(world: World, run: Run | None) -> World:
        if run is None:
            return world.goes_to(me, "never began")
        if run.status == "RUNNING":
            return world.minus(me)  # the run answers its first job itself
        return world.goes_to(me, "close", Found(0, outcome_of(run)))

    return describe_run(world, me, then, partial(begins_again, me))


def _read_later_job_status(world: World, me: Process, rules: JobRules) -> Call[World, Run | None]:
    """Answer a job that was not filed. If the status cannot be read, send a continuation."""

    def gives(world: World, reply: Reply) -> World:
        return world.goes_to(me, "give closing answer", Found(me.job, reply))

    def then(world: World, run: Run | None) -> World:
        assert run is not None
        return gives(world, reply_from(run, world, me, rules))

    def error(world: World) -> World:
        return gives(world, next_number(world, me, rules))

    return describe_run(world, me, then, partial(begins_again, me), error)


def never_began(world: World, me: Process, rules: JobRules) -> Call[World, Item | None]:
    """Store the answer "never began" unless the run has begun."""

    def effect(world: World) -> tuple[World, Item | None]:
        item = world.item or Item(job=me.job, n=1)
        if item.begun and rules.claim:
            return world, None
        answered = item._replace(answer=item.answer or "never began")
        return world._replace(item=answered), answered

    def then(world: World, item: Item | None) -> World:
        if item is None:
            return begins_again(me, world)
        assert item.answer is not None
        return world.goes_to(me, "give closing answer", Found(item.job, item.answer))

    def says(item: Item | None) -> str:
        return f"sets '{item.answer}' unless answered" if item else "the run has begun"

    again = partial(begins_again, me)
    return Call(me, "dynamodb:UpdateItem", says, effect, then, again, again)


def give_closing_answer(world: World, me: Process, rules: JobRules) -> Call[World, bool]:
    return give(me, lambda world, _: world.minus(me), partial(begins_again, me))
