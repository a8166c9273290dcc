"""The state of the jobs model: an action with its jobs, the run, its item and the processes.

The functions are modeled in codepipeline_job.py, report_job_result.py and close_job.py, and the
state machine is modeled in the_run.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Literal, NamedTuple

Answer = Literal["succeeded", "failed", "aborted", "never began", "action ended"]
Reply = int | Answer  # the number in a continuation token, or the action's final answer
Task = Literal["job", "confirm", "renew", "report", "close run", "close job"]

FUNCTIONS: dict[Task, str] = {
    "job": "CodePipelineJob",
    "confirm": "ReportJobResult",
    "renew": "ReportJobResult",
    "report": "ReportJobResult",
    "close run": "CloseJob",
    "close job": "CloseJob",
}
ATTEMPTS = 3  # the maximum number of times that Lambda delivers an event


class Action(NamedTuple):
    """The invoking action.

    If `lenient` is true, CodePipeline accepts a continuation token for the open job of an abandoned
    action, but creates no further job. AWS does not document whether this happens.
    """

    status: Literal["in progress", "answered", "abandoned"] = "in progress"
    answer: Answer | None = None
    lenient: bool = False


class Job(NamedTuple):
    """A job, and the number in its continuation token. The first job has number 1."""

    status: Literal["open", "continued", "answered"] = "open"
    n: int = 1


class Item(NamedTuple):
    """The run's item in the jobs table. `job` is the index of the newest job, counted from 1."""

    job: int
    n: int
    begun: bool = False
    answer: Answer | None = None


class Run(NamedTuple):
    """The run. `at` is the current state of the state machine."""

    at: Literal["confirm", "start", "follow", "renew", "report", "end"]
    status: Literal["RUNNING", "SUCCEEDED", "FAILED", "ABORTED"] = "RUNNING"
    renewed: int = 0  # the number of the last renewed job, or its index if numbers are switched off
    jobless: bool = False  # the run continues without a job because nothing waits for its answer
    redrives: int = 0
    outcome: Answer = "succeeded"  # reported to the job, then written to the run's output or cause
    reported: bool = False  # ReportJobResult succeeded, so the run's cause is its result


class Found(NamedTuple):
    job: int
    reply: Reply


class Process(NamedTuple):
    """An invocation of a function. If `at` is "queued", its event has not been delivered yet."""

    task: Task
    at: str  # the next call
    job: int = 0  # the index of the event's job; 0 for a task of the run
    attempts: int = 0  # Attempts left, including this one.
    redrives: int = 0  # The run's redrive count when the run ended or invoked the function.
    outcome: Answer = "succeeded"  # the outcome that the process reports
    found: Found | None = None
    redriven: bool = False  # close_job has seen that the run was redriven
    orphan: bool = False  # the run was aborted after it invoked the task

    @property
    def who(self) -> str:
        """The function and the reason for its invocation, as shown in traces."""
        about = f"j{self.job}" if self.job else "run" if self.task == "close run" else self.task
        return f"{FUNCTIONS[self.task]}({about})"


class Left(NamedTuple):
    """How many faults, other disturbances and renewals can still occur."""

    faults: int = 0
    duplicates: int = 0
    aborts: int = 0
    lost_events: int = 0  # applies only to aborts
    redrives: int = 0
    abandons: int = 0
    lags: int = 0
    renewals: int = 0


class History(NamedTuple):
    """Facts that the promises depend on but that no service stores."""

    started: bool = False  # the target was started
    missed: int | None = None  # how many renewals did not notice that the action was abandoned
    unanswered: int = 0  # the open job that only the current renewal can answer
    dead_with: int = 0  # how many jobs existed when the run ended and its status event was lost
    broken: str | None = None  # the promise that a step has broken


class World(NamedTuple):
    action: Action
    jobs: tuple[Job, ...]
    coming: int | None  # the number of the job that CodePipeline will create next
    item: Item | None
    run: Run | None
    processes: tuple[Process, ...]
    history: History
    left: Left

    @property
    def may_fail(self) -> bool:
        return self.left.faults > 0

    @property
    def may_lag(self) -> bool:
        """Whether another read may return a stale value.

        Reads are never stale after a lost status event, because the promises do not cover both at
        once.
        """
        return self.left.lags > 0 and not self.history.dead_with

    def after_fault(self) -> World:
        return self._replace(left=self.left._replace(faults=self.left.faults - 1))

    def after_lag(self) -> World:
        return self._replace(left=self.left._replace(lags=self.left.lags - 1))

    def plus(self, *processes: Process) -> World:
        return self._replace(processes=in_order((*self.processes, *processes)))

    def minus(self, process: Process) -> World:
        rest = list(self.processes)
        rest.remove(process)
        return self._replace(processes=tuple(rest))

    def goes_to(
        self, me: Process, at: str, found: Found | None = None, *, redriven: bool = False
    ) -> World:
        return self.minus(me).plus(me._replace(at=at, found=found, redriven=redriven))

    def breaks(self, promise: str) -> World:
        return self._replace(history=self.history._replace(broken=promise))


def in_order(processes: Iterable[Process]) -> tuple[Process, ...]:
    """Sort the processes so that two states with the same processes are equal."""
    return tuple(sorted(processes, key=_order))


@cache
def _order(process: Process) -> str:
    return repr(process)


def begin(left: Left, *, lenient: bool = False) -> World:
    """Start an action. Its first job is open, and the job's event is in Lambda's queue."""
    event = Process("job", "queued", job=1, attempts=ATTEMPTS)
    return World(Action(lenient=lenient), (Job(),), None, None, None, (event,), History(), left)


def put_job_result(world: World, found: Found) -> tuple[World, bool]:
    """Call PutJobSuccessResult or PutJobFailureResult. Returns False for InvalidJobState."""
    job, action, reply = world.jobs[found.job - 1], world.action, found.reply
    if job.status != "open" or action.status == "answered":
        return world, False
    if isinstance(reply, int):
        going_on = action.status == "in progress"
        if not going_on and not action.lenient:
            return world, False
        after = _with_job(world, found.job, job._replace(status="continued"))
        return after._replace(coming=reply if going_on else None), True
    if action.status == "abandoned":
        return world, False
    after = _with_job(world, found.job, job._replace(status="answered"))
    return after._replace(action=action._replace(status="answered", answer=reply)), True


def _with_job(world: World, number: int, job: Job) -> World:
    jobs = (*world.jobs[: number - 1], job, *world.jobs[number:])
    return world._replace(jobs=jobs)


def set_answer(world: World, answer: Answer, *, if_not_exists: bool) -> tuple[World, Item | None]:
    """Store the answer with UpdateItem, and return the updated item.

    With `if_not_exists`, an existing answer is kept and returned. Otherwise, the update fails if
    there is an answer, and None is returned.
    """
    item = world.item
    assert item is not None  # the item was written before the run began
    if item.answer is not None:
        return world, item if if_not_exists else None
    answered = item._replace(answer=answer)
    return world._replace(item=answered), answered


def outcome_of(run: Run) -> Answer:
    """The outcome that the action should report after this run has ended."""
    return "aborted" if run.status == "ABORTED" else run.outcome


def only_the_run_answers(world: World) -> int:
    """Return the open job that no other process is handling, or 0. Only the run can answer it."""
    if world.action.status != "in progress":
        return 0
    cared_for = {each.job for each in world.processes}
    return next(
        (n for n, job in enumerate(world.jobs, 1) if job.status == "open" and n not in cared_for), 0
    )
