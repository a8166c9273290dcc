"""Traces of the models for the orders of events in docs/interleavings.md."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from tests.model.calls import KILLED, LOST, REFUSED, REPEATED, STALE
from tests.model.job_world import Left, Process, World
from tests.model.jobs import JobsModel
from tests.model.search import Model, Step, find
from tests.model.waits import Event, Machine, Waits, WaitsLeft, WaitsModel, Waker

S = TypeVar("S", World, Waits)


@dataclass(frozen=True)
class Order(Generic[S]):
    """A row of docs/interleavings.md, and the steps that produce its order of events in a trace."""

    row: int
    title: str
    model: Model[S]
    wanted: Callable[[S, Step, S], bool]
    then: Callable[[S, Step, S], bool] | None = None

    def __str__(self) -> str:
        return f"{self.row}-{self.title}"

    @property
    def trace(self) -> Sequence[tuple[Step, S]]:
        return find(self.model, self.wanted, *([self.then] if self.then else []))


def _step(task: str, at: str, fault: str = "", says: str = "") -> Callable[..., bool]:
    def wanted(_before: World, step: Step, _after: World) -> bool:
        me = step.by
        if not isinstance(me, Process) or (me.task, me.at) != (task, at):
            return False
        return step.fault == fault and says in step.what

    return wanted


def _numbered_by_others(before: World, step: Step, _after: World) -> bool:
    """codepipeline_job continues job 2, which was already filed, and job 3 follows."""
    filed = before.item is not None and before.item.job == 2
    by_others = before.run is not None and before.run.renewed == 1
    return step.what == "makes j3 with number 3" and filed and by_others


def _continued_before(before: World, step: Step, after: World) -> bool:
    """A retry of RenewJob finds that the killed attempt has already continued the job."""
    again = before.left.faults == 0 and before.jobs[0].status == "continued"
    return again and _step("renew", "continue", says="InvalidJobState")(before, step, after)


def _first_job_gives(before: World, step: Step, after: World) -> bool:
    """The first job's event arrives so late that the answer must be sent to job 2."""
    late = isinstance(step.by, Process) and step.by.job == 1
    return late and _step("job", "give", says="answers j2")(before, step, after)


def _only_the_run_knows(before: World, step: Step, after: World) -> bool:
    """The run sends the answer "never began", which no other process would send."""
    alone = not any(each.task == "close job" for each in before.processes)
    gives = _step("confirm", "give old answer", says="'never began'")(before, step, after)
    return alone and gives and before.jobs != after.jobs


def _filed_before(before: World, step: Step, after: World) -> bool:
    """A duplicate event files the newest job again."""
    again = before.left.duplicates == 0 and before.item is not None and before.item.n > 1
    return again and _step("job", "file", says="filed")(before, step, after)


def _aborted_while_following(before: World, step: Step, after: World) -> bool:
    """codepipeline_job invokes close_job for a run that was aborted between two jobs."""
    died = before.run is not None and before.run.at == "follow"
    return died and _step("job", "hand over")(before, step, after)


def _left_by_close_job(task: str, at: str) -> Callable[..., bool]:
    """A redriven run, or close_job for that run, sends an answer that a killed close_job stored."""

    def wanted(before: World, step: Step, after: World) -> bool:
        gives = _step(task, at, says="'aborted'")(before, step, after)
        redriven = before.run is not None and before.run.redrives == 1
        return gives and redriven and before.jobs != after.jobs

    return wanted


def _jobs(**left: int) -> JobsModel:
    return JobsModel(Left(**left))


JOB_ORDERS: list[Order[World]] = [
    Order(2, "killed after the start", _jobs(faults=1), _step("job", "start run", KILLED)),
    Order(4, "started twice", _jobs(duplicates=1), _step("job", "start run", says="exists")),
    Order(
        5,
        "the first job is delivered again after the end",
        _jobs(duplicates=1, renewals=1),
        _first_job_gives,
    ),
    Order(
        6,
        "the run is read before it ends",
        _jobs(aborts=1, lags=1),
        _step("close run", "status", STALE),
    ),
    Order(
        10,
        "killed before Put…JobResult",
        _jobs(faults=1, renewals=1),
        _step("renew", "read", KILLED),
    ),
    Order(11, "killed after Put…JobResult", _jobs(faults=1, renewals=1), _continued_before),
    Order(
        12,
        "the job was already continued",
        _jobs(faults=1, renewals=1),
        _step("renew", "continue", REPEATED),
    ),
    Order(
        13,
        "an old job arrives late",
        _jobs(duplicates=1, renewals=2),
        _step("job", "file", says="older"),
    ),
    Order(14, "filed twice", _jobs(faults=1, renewals=1), _step("job", "file", REPEATED, "filed")),
    Order(15, "numbered without the run", _jobs(faults=1, renewals=2), _numbered_by_others),
    Order(16, "answered twice", _jobs(faults=1), _step("report", "set answer", REPEATED)),
    Order(
        17, "filed before the end", _jobs(renewals=1), _step("report", "set answer", says="for j2")
    ),
    Order(17, "filed after the end", _jobs(renewals=1), _step("job", "file", says="answer")),
    Order(
        19,
        "aborted with the first job",
        _jobs(aborts=1),
        _step("close run", "give closing answer", says="answers j1 with 'aborted'"),
    ),
    Order(
        20,
        "aborted with a later job",
        _jobs(aborts=1, renewals=1),
        _step("close run", "give closing answer", says="answers j2 with 'aborted'"),
    ),
    Order(
        21,
        "aborted between two jobs",
        _jobs(aborts=1, lost_events=1, renewals=1),
        _aborted_while_following,
    ),
    Order(
        24,
        "success not reported",
        _jobs(faults=1),
        _step("close run", "give closing answer", says="'succeeded'"),
    ),
    Order(42, "delivered twice", _jobs(duplicates=1, renewals=1), _filed_before),
    Order(
        43,
        "begun unseen",
        _jobs(faults=1, duplicates=1, lags=1),
        _step("close job", "never began", says="has begun"),
    ),
    Order(43, "its writer died", _jobs(faults=2, duplicates=1), _only_the_run_knows),
    Order(
        44,
        "close_job gives it",
        _jobs(faults=1, aborts=1, redrives=1),
        _left_by_close_job("close run", "give left answer"),
    ),
    Order(
        44,
        "the run confirms",
        _jobs(faults=1, aborts=1, redrives=1),
        _left_by_close_job("confirm", "give old answer"),
    ),
    Order(
        44,
        "the run renews",
        _jobs(faults=1, aborts=1, redrives=1, renewals=1),
        _left_by_close_job("renew", "give found answer"),
    ),
]


def _waits(*events: Event, **left: int) -> WaitsModel:
    return WaitsModel(WaitsLeft(**left), events=events)


def _wake(event: str, at: str, fault: str = "", says: str = "") -> Callable[..., bool]:
    def wanted(_before: Waits, step: Step, _after: Waits) -> bool:
        me = step.by
        if not isinstance(me, Waker) or (me.event, me.at) != (event, at):
            return False
        return step.fault == fault and says in step.what

    return wanted


def _machine(call: str, fault: str = "", says: str = "") -> Callable[..., bool]:
    def wanted(_before: Waits, step: Step, _after: Waits) -> bool:
        is_meant = isinstance(step.by, Machine) and step.call == f"dynamodb:{call}"
        return is_meant and step.fault == fault and says in step.what

    return wanted


def _refused_after_the_end(before: Waits, step: Step, after: Waits) -> bool:
    counted = not any(each.event == "end" for each in before.wakers)
    refused = _machine("UpdateItem", says="may not register")(before, step, after)
    return refused and before.target == "shown" and counted


def _late_copy(before: Waits, step: Step, after: Waits) -> bool:
    """A duplicate of an old event is counted after the target has ended, while the run waits."""
    late = isinstance(step.by, Waker) and step.by.copy == 1 and before.target == "shown"
    return late and bool(before.registered) and _wake("approval", "count")(before, step, after)


def _not_shown(at: str) -> Callable[..., bool]:
    """The run knows that its target has ended, but its poll does not show the end yet."""

    def wanted(before: Waits, step: Step, _after: Waits) -> bool:
        run = before.runs[0]
        told = run.at == at and run.told and step.what == "polls: InProgress"
        ended = not any(each.event == "end" for each in before.wakers)
        return told and before.target == "ended" and ended

    return wanted


def _told_before(before: Waits, step: Step, after: Waits) -> bool:
    """An approval event wakes a run that already knows about the end of its target."""
    told = before.runs[0].told and before.target == "ended"
    return told and _wake("approval", "send", says="wakes")(before, step, after)


def _short_wait(_before: Waits, step: Step, _after: Waits) -> bool:
    return "has waited briefly" in step.what


def _too_late(before: Waits, step: Step, after: Waits) -> bool:
    """wake sends the token of a wait that has timed out."""
    return before.left.timeouts == 0 and _wake("end", "send", says="TaskTimedOut")(
        before, step, after
    )


def _stale_token(before: Waits, step: Step, after: Waits) -> bool:
    """wake sends the token of a run that has been redriven since the token was read."""
    return before.left.redrives == 0 and _wake("end", "send", says="TaskTimedOut")(
        before, step, after
    )


WAIT_ORDERS: list[Order[Waits]] = [
    Order(51, "end before registration", _waits("approval"), _refused_after_the_end),
    Order(54, "an old event arrives late", _waits("approval", duplicates=1), _late_copy),
    Order(56, "announced by the event", _waits("action"), _not_shown("poll")),
    Order(
        56,
        "announced before another event",
        _waits("action", "approval"),
        _told_before,
        _short_wait,
    ),
    Order(57, "waker dies", _waits("action", faults=1), _wake("end", "count", KILLED, "1 tokens")),
    Order(58, "woken, answer lost", _waits("action", faults=1), _wake("end", "send", LOST)),
    Order(59, "registered, answer lost", _waits("action", faults=1), _machine("UpdateItem", LOST)),
    Order(60, "woken after the time limit", _waits("action", timeouts=1), _too_late),
    Order(61, "a stale token", _waits("action", redrives=1), _stale_token),
    Order(63, "not registered", _waits("action", faults=1), _machine("UpdateItem", REFUSED)),
    Order(63, "not read", _waits("action", faults=1), _machine("GetItem", REFUSED)),
]
