"""AWS calls that several functions make in the jobs model."""

from __future__ import annotations

from collections.abc import Callable

from tests.model.calls import Call
from tests.model.job_world import (
    Answer,
    Item,
    Process,
    Run,
    World,
    put_job_result,
    set_answer,
)
from tests.model.safeguards import JobRules


def describe_run(
    world: World,
    me: Process,
    then: Callable[[World, Run | None], World],
    killed: Callable[[World], World],
    error: Callable[[World], World] | None = None,
) -> Call[World, Run | None]:
    """Call DescribeExecution, which is eventually consistent and may return an older status."""
    return Call(
        me,
        "stepfunctions:DescribeExecution",
        lambda run: f"the run is {run.status}" if run else "there is no run",
        lambda world: (world, world.run),
        then,
        error or killed,
        killed,
        stale=_just_before(world),
    )


def give(
    me: Process, then: Callable[[World, bool], World], fails: Callable[[World], World]
) -> Call[World, bool]:
    """Call PutJobSuccessResult or PutJobFailureResult with the reply in `me.found`."""
    found = me.found
    assert found is not None
    goes_on = isinstance(found.reply, int)
    failure = not goes_on and found.reply != "succeeded"
    reply = f"number {found.reply}" if goes_on else f"'{found.reply}'"
    return Call(
        me,
        f"codepipeline:PutJob{'Failure' if failure else 'Success'}Result",
        lambda taken: f"answers j{found.job} with {reply}{'' if taken else ': InvalidJobState'}",
        lambda world: put_job_result(world, found),
        then,
        fails,
        fails,
    )


def read_item(
    me: Process, then: Callable[[World, Item | None], World], fails: Callable[[World], World]
) -> Call[World, Item | None]:
    def says(item: Item | None) -> str:
        if item is None:
            return "there is no item"
        return f"reads j{item.job}, number {item.n}, answer {item.answer}"

    return Call(me, "dynamodb:GetItem", says, lambda world: (world, world.item), then, fails, fails)


def write_answer(
    me: Process,
    answer: Answer,
    rules: JobRules,
    then: Callable[[World, Item | None], World],
    fails: Callable[[World], World],
) -> Call[World, Item | None]:
    """Store the answer. UpdateItem returns the stored answer and the newest job."""

    def says(item: Item | None) -> str:
        stored = f"it is '{item.answer}', for j{item.job}" if item else "there is one"
        return f"sets the answer '{answer}': {stored}"

    return Call(
        me,
        "dynamodb:UpdateItem",
        says,
        lambda world: set_answer(world, answer, if_not_exists=rules.if_not_exists),
        then,
        fails,
        fails,
    )


def _just_before(world: World) -> tuple[Run | None, ...]:
    run = world.run
    if run is None:
        return ()
    # A run whose action has no second job may be so new that reads do not show it yet.
    if run.status == "RUNNING":
        return () if run.redrives or len(world.jobs) > 1 else (None,)
    return (run._replace(status="RUNNING"),)
