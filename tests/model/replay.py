"""Plays a trace of the jobs model with the real functions, call by call.

Each process of the model is a sandbox task that is held at its next AWS call. If a step makes a
call, the replay releases the task and injects the step's fault. The stage performs all other steps.
After each step, the sandbox must be in the same state as the model.

    theater = Theater(company)
    graph = Graph(JobsModel(Left(faults=1, renewals=1)))
    for trace in graph.traces():
        play(theater, graph.first, trace)  # tests.model.stage.play

Step Functions does not execute the states of the run. Instead, the stage invokes ReportJobResult
with the payload that the state would send.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

from tests.model.calls import KILLED
from tests.model.holding import NotAsInTheModel
from tests.model.job_world import Action, Item, Job, Process, Run, World
from tests.model.jobs import CALLS
from tests.model.safeguards import JobRules

if TYPE_CHECKING:
    from codepipeline_sandbox.kernel.world import Task
    from tests.model.search import Step

# The model omits these calls because the protocol does not depend on their results.
LEFT_OUT = {
    "codepipeline:GetJobDetails",
    "stepfunctions:GetExecutionHistory",
    "sts:AssumeRole",
}
_RULES = JobRules()


class RunPicture(NamedTuple):
    """The run's status and, while the run is in progress, what it knows about its job."""

    status: str
    renewed: int = 0
    jobless: bool = False

    @classmethod
    def of(cls, run: Run) -> RunPicture:
        if run.status != "RUNNING":
            return cls(run.status)
        return cls(run.status, 0 if run.jobless else run.renewed, run.jobless)


class Picture(NamedTuple):
    action: Action
    jobs: tuple[Job, ...]
    item: Item | None
    run: RunPicture | None

    @classmethod
    def of(cls, world: World) -> Picture:
        run = RunPicture.of(world.run) if world.run else None
        return cls(world.action._replace(lenient=False), world.jobs, world.item, run)


class Processes(Protocol):
    """The methods of `tests.model.holding.Holder` that a replay uses."""

    def hold(self, task: Task) -> None:
        """Run a process until it makes its first call or ends."""

    def holds(self, task: Task) -> str:
        """The call at which the process is held, or an empty string if the process has ended."""

    def release(self, task: Task, operation: str, fault: str = "") -> None:
        """Make the held call, and run the process until it makes its next call or ends."""


class Stage(Protocol):
    def invoke(self, process: Process, *, again: bool) -> Task:
        """Create the invocation for a process without running it.

        `again` means that Lambda repeats the event of a process that was just killed.
        """

    def happen(self, step: Step, before: World, after: World) -> None:
        """Perform a step that is not a call, such as a new job or an abort."""

    def ended(self, process: Process, task: Task, *, gave_up: bool) -> None:
        """Continue the run with the result of an invocation that has ended.

        `gave_up` means that the state machine does not retry the task.
        """

    def picture(self) -> Picture:
        """The current state of the sandbox."""


class Replay:
    def __init__(self, processes: Processes, stage: Stage) -> None:
        self._processes = processes
        self._stage = stage
        # Events that are still queued have no task yet.
        self._tasks: list[tuple[Process, Task]] = []

    def play(self, first: World, trace: Sequence[tuple[Step, World]]) -> None:
        """Play the trace. Raises NotAsInTheModel at the first step that differs from the model."""
        before = first
        lines: list[str] = []
        for number, (step, after) in enumerate(trace, 1):
            lines.append(f"{number:4}. {step}")
            try:
                self._take(step, before, after)
                self._compare(after)
            except NotAsInTheModel as error:
                so_far = "\n".join(lines)
                raise NotAsInTheModel(f"step {number}, {step}: {error}\n{so_far}") from error
            before = after

    def _take(self, step: Step, before: World, after: World) -> None:
        me = step.by if isinstance(step.by, Process) else None
        others = _minus(before.processes, [me] if me else [])
        gone, come = _minus(others, after.processes), _minus(after.processes, others)
        if me:
            come = self._make_call(step, me, come)
        else:
            self._stage.happen(step, before, after)
        come = self._changes(gone, come)
        for process in come:
            if process.at != "queued":
                self._enter(process, again=step.fault == KILLED and _is_same(process, me))

    def _make_call(self, step: Step, me: Process, come: list[Process]) -> list[Process]:
        task = self._task_of(me)
        self._tasks.remove((me, task))
        self._processes.release(task, step.call or self._processes.holds(task), step.fault)
        come = self._goes_on(me, task, come)
        if not self._processes.holds(task):
            self._stage.ended(me, task, gave_up=not step.call)
        return come

    def _goes_on(self, me: Process, task: Task, come: list[Process]) -> list[Process]:
        if not self._processes.holds(task):
            # The task has ended, so any similar process is a new invocation.
            return come
        mine = next((each for each in come if _is_same(each, me) and each.at != "queued"), None)
        if mine is None:
            raise NotAsInTheModel(f"the process continues with {self._processes.holds(task)}")
        self._tasks.append((mine, task))
        return _minus(come, [mine])

    def _changes(self, gone: Iterable[Process], come: list[Process]) -> list[Process]:
        for old in gone:
            new = next((each for each in come if _is_same(each, old) and each.at == old.at), None)
            if new is None:
                continue  # an event that was delivered
            if old.at != "queued":
                task = self._task_of(old)
                self._tasks.remove((old, task))
                self._tasks.append((new, task))
            come = _minus(come, [new])
        return come

    def _enter(self, process: Process, *, again: bool) -> None:
        task = self._stage.invoke(process, again=again)
        self._processes.hold(task)
        self._tasks.append((process, task))

    def _task_of(self, process: Process) -> Task:
        return next(task for each, task in self._tasks if each == process)

    def _compare(self, world: World) -> None:
        expected, found = Picture.of(world), self._stage.picture()
        for name, theirs, ours in zip(Picture._fields, expected, found, strict=True):
            if theirs != ours:
                raise NotAsInTheModel(f"the {name} is {theirs} in the model, {ours} in the sandbox")
        for process, task in self._tasks:
            made = CALLS[process.at](world, process, _RULES).operation
            held = self._processes.holds(task) or "its end"
            if held != made:
                raise NotAsInTheModel(
                    f"{process.who} makes {made} in the model, {held} in the sandbox"
                )


def _minus(some: Iterable[Process], others: Iterable[Process]) -> list[Process]:
    return list((Counter(some) - Counter(others)).elements())


def _is_same(one: Process, other: Process | None) -> bool:
    return other is not None and (one.task, one.job, one.attempts) == (
        other.task,
        other.job,
        other.attempts,
    )
