"""The model of the jobs protocol: the possible steps, and the promises that must hold.

An action's first job starts a run. codepipeline_job files the later jobs, and the run answers them
(docs/architecture.md).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from tests.model import close_job, codepipeline_job, report_job_result
from tests.model.calls import REFUSED, Call, outcomes
from tests.model.job_world import ATTEMPTS, Job, Left, Process, World, begin
from tests.model.safeguards import JobRules
from tests.model.search import Step
from tests.model.the_run import run_steps

AnyCall = Call[World, Any]

CALLS: Mapping[str, Callable[[World, Process, JobRules], AnyCall]] = {
    "open item": codepipeline_job.open_item,
    "start run": codepipeline_job.start_run,
    "file": codepipeline_job.file_job,
    "read status": codepipeline_job.read_status,
    "hand over": codepipeline_job.hand_over,
    "read status instead": codepipeline_job.read_status_instead,
    "give": codepipeline_job.give_reply,
    "claim": report_job_result.claim,
    "give old answer": report_job_result.give_old_answer,
    "ask before start": report_job_result.ask_before_start,
    "read": report_job_result.read_item,
    "give found answer": report_job_result.give_found_answer,
    "continue": report_job_result.continue_job,
    "ask": report_job_result.ask,
    "set answer": report_job_result.set_outcome,
    "give outcome": report_job_result.give_outcome,
    "status": close_job.read_status,
    "look for answer": close_job.look_for_answer,
    "give left answer": close_job.give_left_answer,
    "close": close_job.close,
    "job status": close_job.read_job_status,
    "never began": close_job.never_began,
    "give closing answer": close_job.give_closing_answer,
}


class JobsModel:
    def __init__(self, left: Left, rules: JobRules | None = None, *, lenient: bool = False) -> None:
        """All safeguards are on by default. For `lenient`, see Action."""
        self._first = begin(left, lenient=lenient)
        self._rules = rules or JobRules()

    def initial(self) -> World:
        return self._first

    def steps(self, state: World) -> Sequence[tuple[Step, World]]:
        found = [*_codepipeline(state), *run_steps(state, self._rules)]
        for process in dict.fromkeys(state.processes):
            found += self._steps_of(process, state)
        return found

    def violation(self, state: World, *, at_rest: bool) -> str | None:
        return state.history.broken or _untrue(state) or (_silence(state) if at_rest else None)

    def _steps_of(self, me: Process, world: World) -> list[tuple[Step, World]]:
        if me.at == "queued":
            return list(_deliveries(me, world))
        found = outcomes(CALLS[me.at](world, me, self._rules), world)
        if me.task == "report" and world.may_fail and not me.orphan:
            step = Step(me.who, "every attempt fails", fault=REFUSED, due=False, by=me)
            found.append((step, report_job_result.give_up(world.after_fault(), me)))
        return found


def _codepipeline(world: World) -> Iterator[tuple[Step, World]]:
    if world.action.status != "in progress":
        return
    if world.coming is not None:
        jobs = (*world.jobs, Job(n=world.coming))
        event = Process("job", "queued", job=len(jobs), attempts=ATTEMPTS)
        step = Step("CodePipeline", f"makes j{len(jobs)} with number {world.coming}")
        yield step, world._replace(jobs=jobs, coming=None).plus(event)
    if world.left.abandons:
        left = world.left._replace(abandons=world.left.abandons - 1)
        after = world._replace(
            action=world.action._replace(status="abandoned"), coming=None, left=left
        )
        yield Step("Operator", "abandons the action", due=False), after


def _deliveries(me: Process, world: World) -> Iterator[tuple[Step, World]]:
    invoked = me._replace(at="open item" if me.job == 1 else "file")
    after = world.minus(me).plus(invoked)
    yield Step("Lambda", f"delivers j{me.job} to CodePipelineJob"), after
    if world.left.duplicates:
        left = world.left._replace(duplicates=world.left.duplicates - 1)
        copy = me._replace(attempts=1)
        what = f"delivers j{me.job} and will deliver it again"
        step = Step("Lambda", what, fault="doubled", due=False)
        yield step, after._replace(left=left).plus(copy)


def _untrue(world: World) -> str | None:
    """Describe a false answer that the action received, if any."""
    run, answer = world.run, world.action.answer
    # An operator who redrives a run accepts that its action may already have an answer.
    if run is None or run.redrives:
        return None
    if answer == "never began" and (world.history.started or run.status == "SUCCEEDED"):
        return "the action's answer says that the run never began, but it did"
    if (
        answer == "succeeded"
        and run.status == "RUNNING"
        and run.at in {"confirm", "start", "follow"}
    ):
        return "the action succeeds although the run continues"
    return None


def _silence(world: World) -> str | None:
    """Describe an action that would wait forever for its answer, if any.

    One exception is documented: If a run is aborted while a job is open and the status event is
    lost, CodePipeline fails the action after 20 minutes.
    """
    if world.action.status != "in progress":
        return None
    if not world.history.dead_with:
        return "the action is in progress, and nothing will answer it"
    if len(world.jobs) > world.history.dead_with:
        return "a job created after the run ended is never answered"
    return None
