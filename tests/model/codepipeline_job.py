"""The model of codepipeline_job, which starts a run for the first job and files later jobs.

The model omits the function's checks of the job's details, the secret and the input.
"""

from __future__ import annotations

from functools import partial

from tests.model.answering import describe_run, give
from tests.model.calls import Call
from tests.model.job_world import Found, Item, Process, Reply, Run, World, outcome_of
from tests.model.safeguards import JobRules
from tests.model.the_run import begin_run


def comes_back(me: Process, world: World) -> World:
    """Fail the invocation. Lambda then repeats the event or passes it on to close_job."""
    if me.attempts > 1:
        return world.minus(me).plus(Process("job", "queued", job=me.job, attempts=me.attempts - 1))
    return world.minus(me).plus(Process("close job", "job status", job=me.job))


def open_item(world: World, me: Process, rules: JobRules) -> Call[World, Item]:
    """Write the item unless it exists. UpdateItem returns the stored item."""

    def effect(world: World) -> tuple[World, Item]:
        item = world.item or Item(job=1, n=1)
        return world._replace(item=item), item

    def then(world: World, item: Item) -> World:
        if item.answer is not None and rules.give_when_filing:
            return world.goes_to(me, "give", Found(item.job, item.answer))
        return world.goes_to(me, "start run")

    def says(item: Item) -> str:
        return f"opens the item; its answer is {item.answer}"

    raises = partial(comes_back, me)
    return Call(me, "dynamodb:UpdateItem", says, effect, then, raises, raises)


def start_run(world: World, me: Process, rules: JobRules) -> Call[World, bool]:
    """Start the run. ExecutionAlreadyExists counts as success."""

    def effect(world: World) -> tuple[World, bool]:
        return (world, False) if world.run else (begin_run(world, rules), True)

    raises = partial(comes_back, me)
    return Call(
        me,
        "stepfunctions:StartExecution",
        lambda begun: "the run begins" if begun else "the run exists",
        effect,
        lambda world, _: world.minus(me),
        raises,
        raises,
    )


def file_job(world: World, me: Process, rules: JobRules) -> Call[World, str]:
    """File the job unless a newer job or an answer is stored."""
    n = world.jobs[me.job - 1].n

    def effect(world: World) -> tuple[World, str]:
        item = world.item
        if item is None:
            return world, "no item"
        if item.answer is not None and rules.filed_before_answer:
            return world, "answer"
        if item.n > n and rules.numbers:
            return world, "older"
        return world._replace(item=item._replace(job=me.job, n=n)), "filed"

    def then(world: World, result: str) -> World:
        if result == "no item":
            return world.goes_to(me, "read status instead")
        if result == "answer" and rules.give_when_filing:
            assert world.item is not None
            assert world.item.answer is not None
            return world.goes_to(me, "give", Found(me.job, world.item.answer))
        if result == "filed" and rules.status_after_filing:
            return world.goes_to(me, "read status")
        return world.minus(me)

    return Call(
        me,
        "dynamodb:UpdateItem",
        lambda result: f"files j{me.job} with number {n}: {result}",
        effect,
        then,
        lambda world: world.goes_to(me, "read status instead"),
        partial(comes_back, me),
    )


def read_status(world: World, me: Process, rules: JobRules) -> Call[World, Run | None]:
    """Invoke close_job if the run has ended."""

    def then(world: World, run: Run | None) -> World:
        if run is None:
            return comes_back(me, world)
        return world.minus(me) if run.status == "RUNNING" else world.goes_to(me, "hand over")

    return describe_run(world, me, then, partial(comes_back, me))


def hand_over(world: World, me: Process, rules: JobRules) -> Call[World, bool]:
    """Invoke close_job for the run, as the status event would have done."""
    assert world.run is not None
    close = Process("close run", "status", redrives=world.run.redrives)
    raises = partial(comes_back, me)
    return Call(
        me,
        "lambda:Invoke",
        lambda _: "hands the run to close_job",
        lambda world: (world.plus(close), True),
        lambda world, _: world.minus(me),
        raises,
        raises,
        repeats=False,  # An invocation may take a while, so the SDK does not repeat it.
    )


def read_status_instead(world: World, me: Process, rules: JobRules) -> Call[World, Run | None]:
    """Answer the job based on the run's status because the table is unavailable."""

    def then(world: World, run: Run | None) -> World:
        if run is None:
            return comes_back(me, world)
        return world.goes_to(me, "give", Found(me.job, reply_from(run, world, me, rules)))

    return describe_run(world, me, then, partial(comes_back, me))


def reply_from(run: Run, world: World, me: Process, rules: JobRules) -> Reply:
    """Reply with a continuation while the run is in progress, and then with its outcome."""
    return next_number(world, me, rules) if run.status == "RUNNING" else outcome_of(run)


def next_number(world: World, me: Process, rules: JobRules) -> int:
    """The number to put in a continuation token when a process other than the run creates the
    token.
    """
    n = world.jobs[me.job - 1].n
    return n + 1 if rules.next_number_by_others else n


def give_reply(world: World, me: Process, rules: JobRules) -> Call[World, bool]:
    return give(me, lambda world, _: world.minus(me), partial(comes_back, me))
