"""What a run was asked for, and what it has told, read from its history."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sandbox.company import REGION, TOOLS
from sandbox.stepfunctions.models import stepfunctions_backends

if TYPE_CHECKING:
    from sandbox.stepfunctions.execution import Execution
    from sandbox.stepfunctions.visits.history import HistoryEvent

_WAITERS = {"targetname": "pipelineName", "assumerolearn": "roleArn"}


@dataclass(frozen=True)
class Visit:
    """One time that a run was in a state, from its last attempt there to its end."""

    state: str
    begun: float
    ended: float
    output: Mapping[str, Any]

    @property
    def changes(self) -> Mapping[str, Any]:
        """What changed in the run's state."""
        changes: Mapping[str, Any] = self.output.get("changes") or {}
        return changes


class Run:
    """An execution of the state machine."""

    def __init__(self, execution: Execution) -> None:
        self.execution = execution
        self.name = execution.name
        self.status = execution.status
        self.started = execution.start_date.timestamp()
        stopped = execution.stop_date
        self.ended = stopped.timestamp() if stopped else float("inf")

    @cached_property
    def job_id(self) -> str | None:
        """The job that asked for it, if one did."""
        job = self._input.get("job")
        return job["id"] if job else None

    @cached_property
    def asked(self) -> Mapping[str, Any]:
        """The input proper, in our words."""
        document: Mapping[str, Any] = self._input["input"] if self.job_id else self._input
        return {_WAITERS.get(name, name): value for name, value in document.items()}

    @cached_property
    def told(self) -> Mapping[str, Any] | None:
        """The result document, or the report where that is all there is; None if there is none."""
        if self.status == "ABORTED":
            return None
        document = _document(self.execution.output or self.execution.cause or "{}")
        if "report" not in document:
            return dict(document)
        execution = document.get("execution") or {}
        return {**document["report"], **execution, "unreported": True}

    @cached_property
    def visits(self) -> list[Visit]:
        """Its visits to task states that came to an end, in order."""
        return list(self._visits())

    def last(self, *states: str) -> Visit:
        """Its last visit to one of these states."""
        return next(visit for visit in reversed(self.visits) if visit.state in states)

    @cached_property
    def session(self) -> str | None:
        """The name of the role session in which it starts its target; None if it has none."""
        names = (
            visit.changes.get("target") for visit in self.visits if visit.state == "AssumeRole"
        )
        return next((str(target["roleSessionName"]) for target in names if target), None)

    @property
    def account(self) -> str:
        """The account of its target."""
        role = self.asked.get("roleArn")
        return str(role).split(":")[4] if role else TOOLS

    @property
    def polled(self) -> list[str | None]:
        """The statuses of its target that GetState has read."""
        polls = (visit.changes.get("memory") for visit in self.visits if visit.state == "GetState")
        return [memory.get("status") for memory in polls if memory]

    def left(self, state: str) -> float:
        """When it last left a state (epoch seconds); 0 if it never did."""
        ends = (end for name, _, end in self._stays if name == state)
        return max((end for end in ends if end <= self.ended), default=0.0)

    def last_entered(self, state: str) -> float | None:
        """When it was last in this state (epoch seconds); None if it never was."""
        return next((begun for name, begun, _ in reversed(self._stays) if name == state), None)

    def first_entered(self, state: str) -> float | None:
        """When it was first in this state (epoch seconds); None if it never was."""
        return next((begun for name, begun, _ in self._stays if name == state), None)

    def done_with(self, moment: float) -> float:
        """When it left the task state that it was in then; that moment if it was in none."""
        stays = (end for _, begun, end in self._stays if begun <= moment < end)
        return min(next(stays, moment), self.ended)

    def was_in(self, moment: float, *states: str) -> bool:
        """Whether it was in one of these states then."""
        return any(begun <= moment <= end for name, begun, end in self._stays if name in states)

    @property
    def deadline(self) -> float:
        """When it has to give up (epoch seconds)."""
        default = 1_420 if self.job_id else 10_080
        return self.started + 60 * int(self.asked.get("timeoutMinutes") or default)

    def events(self) -> list[HistoryEvent]:
        """Its history."""
        return self.execution.history.events

    @property
    def _input(self) -> Mapping[str, Any]:
        return dict(json.loads(self.execution.input))

    @cached_property
    def _stays(self) -> list[tuple[str, float, float]]:
        """The task states that it was in, in order: from when to when, whatever its attempts."""
        stays: list[tuple[str, float, float]] = []
        for event in self.events():
            at = event.timestamp.timestamp()
            if event.type == "TaskStateEntered" and event.details is not None:
                stays.append((event.details["name"], at, float("inf")))
            elif event.type == "TaskStateExited":
                name, begun, _ = stays.pop()
                stays.append((name, begun, at))
        return stays

    def _visits(self) -> Iterator[Visit]:
        scheduled = 0.0
        for event in self.events():
            if event.type == "TaskScheduled":
                scheduled = event.timestamp.timestamp()
            elif event.type == "TaskStateExited" and event.details is not None:
                output = json.loads(event.details["output"])
                at = event.timestamp.timestamp()
                yield Visit(event.details["name"], scheduled, at, output)


def _document(text: str) -> dict[str, Any]:
    """What a run tells; of a machine that broke, only that."""
    try:
        return dict(json.loads(text))
    except ValueError:
        return {"message": text}


def all_runs() -> list[Run]:
    """Every run of the cloud that is up, oldest first."""
    return [Run(each) for each in stepfunctions_backends[TOOLS][REGION].executions.values()]


def says_little(run: Run, told: Mapping[str, Any]) -> bool:
    """Whether a result that could not be reported leaves out which execution was followed first."""
    follows = "follow" in {run.asked.get("onSuperseded"), run.asked.get("onRestarted")}
    return follows and "run" not in told
