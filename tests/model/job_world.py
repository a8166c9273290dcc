"""What the model of the jobs consists of: an action, its jobs, the item, the run, processes.

The services act here; what our functions do with them is in codepipeline_job.py, the_run.py,
report_job_result.py and close_job.py beside it.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Literal, NamedTuple

Answer = Literal["succeeded", "failed", "aborted", "never began", "action ended"]
Reply = int | Answer  # a continuation with this number in its token, or how the action ends
Task = Literal["job", "confirm", "renew", "report", "close run", "close job"]

FUNCTIONS: dict[Task, str] = {
    "job": "CodePipelineJob",
    "confirm": "ReportJobResult",
    "renew": "ReportJobResult",
    "report": "ReportJobResult",
    "close run": "CloseJob",
    "close job": "CloseJob",
}
ATTEMPTS = 3  # that Lambda makes with an event


class Action(NamedTuple):
    """The invoking action: in progress, ended by an answer, or abandoned by a person.

    `lenient`: once it is abandoned, CodePipeline still takes continuations for its open job, though
    it makes no further one. Whether it does is not documented.
    """

    status: Literal["in progress", "answered", "abandoned"] = "in progress"
    answer: Answer | None = None
    lenient: bool = False


class Job(NamedTuple):
    """A job, and the number in the continuation token that brought it. The first has number 1."""

    status: Literal["open", "continued", "answered"] = "open"
    n: int = 1


class Item(NamedTuple):
    """The run's item in the table Jobs. Jobs count from 1."""

    job: int
    n: int
    begun: bool = False
    answer: Answer | None = None


class Run(NamedTuple):
    """The run: its status, the state of the machine that it is in, and what it remembers."""

    at: Literal["confirm", "start", "follow", "renew", "report", "end"]
    status: Literal["RUNNING", "SUCCEEDED", "FAILED", "ABORTED"] = "RUNNING"
    renewed: int = 0  # the number that it renewed last; without numbers, the job
    jobless: bool = False  # nobody waits for its answer any more
    redrives: int = 0
    outcome: Answer = "succeeded"  # what it reports, and then says in its output or cause
    reported: bool = False  # its cause is the result that ReportJobResult made


class Found(NamedTuple):
    """The job that a process is about to answer, and with what."""

    job: int
    reply: Reply


class Process(NamedTuple):
    """An invocation of a function, or an event that waits for one (`at` is "queued")."""

    task: Task
    at: str  # the call that it makes next
    job: int = 0  # of its event; 0 for a task of the run
    attempts: int = 0  # left, this one included
    redrives: int = 0  # of the run, when it ended or invoked this
    outcome: Answer = "succeeded"  # that it reports
    found: Found | None = None
    redriven: bool = False  # close_job has seen that its run was, and goes on
    orphan: bool = False  # its run was aborted meanwhile

    @property
    def who(self) -> str:
        """The function, and what it was invoked for."""
        about = f"j{self.job}" if self.job else "run" if self.task == "close run" else self.task
        return f"{FUNCTIONS[self.task]}({about})"


class Left(NamedTuple):
    """How many misfortunes, and renewals, may still come."""

    faults: int = 0
    duplicates: int = 0
    aborts: int = 0
    lost_events: int = 0  # of aborts
    redrives: int = 0
    abandons: int = 0
    lags: int = 0
    renewals: int = 0


class History(NamedTuple):
    """What no service remembers, but what the promises are about."""

    started: bool = False  # the target
    missed: int | None = None  # renewals since the action was abandoned that did not notice
    unanswered: int = 0  # the open job that only the renewal in progress can answer
    dead_with: int = 0  # jobs there were when the run ended and its status event was lost
    broken: str | None = None  # a promise that a step has broken


class World(NamedTuple):
    """A state of the model."""

    action: Action
    jobs: tuple[Job, ...]
    coming: int | None  # the number of the job that CodePipeline is about to make
    item: Item | None
    run: Run | None
    processes: tuple[Process, ...]
    history: History
    left: Left

    @property
    def may_fail(self) -> bool:
        """Whether another fault may strike."""
        return self.left.faults > 0

    @property
    def may_lag(self) -> bool:
        """Whether another read may be stale.

        Not after a lost status event: that both come together is beyond what is promised.
        """
        return self.left.lags > 0 and not self.history.dead_with

    def after_fault(self) -> World:
        """The same with one fault fewer to come."""
        return self._replace(left=self.left._replace(faults=self.left.faults - 1))

    def after_lag(self) -> World:
        """The same with one stale read fewer to come."""
        return self._replace(left=self.left._replace(lags=self.left.lags - 1))

    def plus(self, *processes: Process) -> World:
        """With these processes too."""
        return self._replace(processes=in_order((*self.processes, *processes)))

    def minus(self, process: Process) -> World:
        """Without one such process."""
        rest = list(self.processes)
        rest.remove(process)
        return self._replace(processes=tuple(rest))

    def goes_to(
        self, me: Process, at: str, found: Found | None = None, *, redriven: bool = False
    ) -> World:
        """With the process at its next call."""
        return self.minus(me).plus(me._replace(at=at, found=found, redriven=redriven))

    def breaks(self, promise: str) -> World:
        """With a promise broken."""
        return self._replace(history=self.history._replace(broken=promise))


def in_order(processes: Iterable[Process]) -> tuple[Process, ...]:
    """Processes in an order of their own, so that equal states are equal."""
    return tuple(sorted(processes, key=_order))


@cache
def _order(process: Process) -> str:
    return repr(process)


def begin(left: Left, *, lenient: bool = False) -> World:
    """An action has just asked: its first job is open, and the event is in Lambda's queue."""
    event = Process("job", "queued", job=1, attempts=ATTEMPTS)
    return World(Action(lenient=lenient), (Job(),), None, None, None, (event,), History(), left)


def put_job_result(world: World, found: Found) -> tuple[World, bool]:
    """PutJobSuccessResult or PutJobFailureResult; False for InvalidJobState."""
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
    """UpdateItem of `answer`, which returns the item after it.

    With if_not_exists the first answer stays, and is returned. Else the update has the condition
    that there is none: it returns None if there is one.
    """
    item = world.item
    assert item is not None  # it was put before the run began
    if item.answer is not None:
        return world, item if if_not_exists else None
    answered = item._replace(answer=answer)
    return world._replace(item=answered), answered


def outcome_of(run: Run) -> Answer:
    """What a run that has ended means for its action."""
    return "aborted" if run.status == "ABORTED" else run.outcome


def only_the_run_answers(world: World) -> int:
    """The open job that nobody is about to deliver, file or close; 0 if there is none."""
    if world.action.status != "in progress":
        return 0
    cared_for = {each.job for each in world.processes}
    return next(
        (n for n, job in enumerate(world.jobs, 1) if job.status == "open" and n not in cared_for), 0
    )
