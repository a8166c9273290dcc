"""Runs with their inputs, results and histories."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from codepipeline_sandbox.stepfunctions.models import stepfunctions_backends
from playground.company import REGION, TOOLS

if TYPE_CHECKING:
    from codepipeline_sandbox.stepfunctions.runs.execution import Execution
    from codepipeline_sandbox.stepfunctions.visits.history import HistoryEvent

_WAITERS = {"targetname": "pipelineName", "assumerolearn": "roleArn"}


@dataclass(frozen=True)
class Visit:
    """A run's visit to a task state. `begun` is the start of the last attempt."""

    state: str
    begun: float
    ended: float
    output: Mapping[str, Any]

    @property
    def changes(self) -> Mapping[str, Any]:
        changes: Mapping[str, Any] = self.output.get("changes") or {}
        return changes


class Run:
    def __init__(self, execution: Execution) -> None:
        self.execution = execution
        self.name = execution.name
        self.status = execution.status
        self.started = execution.start_date.timestamp()
        stopped = execution.stop_date
        self.ended = stopped.timestamp() if stopped else float("inf")

    @cached_property
    def job_id(self) -> str | None:
        """The ID of the job that started the run, or None if no job did."""
        job = self._input.get("job")
        return job["id"] if job else None

    @cached_property
    def asked(self) -> Mapping[str, Any]:
        """The input without the job, with the waiter's field names replaced by the product's."""
        document: Mapping[str, Any] = self._input["input"] if self.job_id else self._input
        return {_WAITERS.get(name, name): value for name, value in document.items()}

    @cached_property
    def result(self) -> Mapping[str, Any] | None:
        """The result document, or the report if there is no document. None for an aborted run."""
        if self.status == "ABORTED":
            return None
        document = _document(self.execution.output or self.execution.cause or "{}")
        if "report" not in document:
            return dict(document)
        execution = document.get("execution") or {}
        return {**document["report"], **execution, "unreported": True}

    @cached_property
    def visits(self) -> list[Visit]:
        """The completed visits to task states, in order."""
        return list(self._visits())

    def last(self, *states: str) -> Visit:
        return next(visit for visit in reversed(self.visits) if visit.state in states)

    @cached_property
    def session(self) -> str | None:
        """The name of the role session in which the run starts its target, or None."""
        names = (
            visit.changes.get("target") for visit in self.visits if visit.state == "AssumeRole"
        )
        return next((str(target["roleSessionName"]) for target in names if target), None)

    @property
    def account(self) -> str:
        role = self.asked.get("roleArn")
        return str(role).split(":")[4] if role else TOOLS

    @property
    def polled(self) -> list[str | None]:
        polls = (visit.changes.get("memory") for visit in self.visits if visit.state == "GetState")
        return [memory.get("status") for memory in polls if memory]

    def left(self, state: str) -> float:
        """When the run last left a state, in epoch seconds, or 0 if it never did."""
        ends = (end for name, _, end in self._stays if name == state)
        return max((end for end in ends if end <= self.ended), default=0.0)

    def last_entered(self, state: str) -> float | None:
        """When the run last entered this state, in epoch seconds, or None if it never did."""
        return next((begun for name, begun, _ in reversed(self._stays) if name == state), None)

    def first_entered(self, state: str) -> float | None:
        """When the run first entered this state, in epoch seconds, or None if it never did."""
        return next((begun for name, begun, _ in self._stays if name == state), None)

    def done_with(self, moment: float) -> float:
        """When the run left the task state that it was in at the given moment, or the moment itself
        if it was in no task state.
        """
        stays = (end for _, begun, end in self._stays if begun <= moment < end)
        return min(next(stays, moment), self.ended)

    def was_in(self, moment: float, *states: str) -> bool:
        return any(begun <= moment <= end for name, begun, end in self._stays if name in states)

    @property
    def deadline(self) -> float:
        """The run's deadline, in epoch seconds."""
        default = 1_420 if self.job_id else 10_080
        return self.started + 60 * int(self.asked.get("timeoutMinutes") or default)

    def events(self) -> list[HistoryEvent]:
        return self.execution.history.events

    @property
    def _input(self) -> Mapping[str, Any]:
        return dict(json.loads(self.execution.input))

    @cached_property
    def _stays(self) -> list[tuple[str, float, float]]:
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
    """The result of a run, or only a message if the state machine itself failed."""
    try:
        return dict(json.loads(text))
    except ValueError:
        return {"message": text}


def all_runs() -> list[Run]:
    """All runs in the current cloud, oldest first."""
    return [Run(each) for each in stepfunctions_backends[TOOLS][REGION].executions.values()]


def says_little(run: Run, result: Mapping[str, Any]) -> bool:
    """Whether the result may omit the execution that the run followed first."""
    follows = "follow" in {run.asked.get("onSuperseded"), run.asked.get("onRestarted")}
    return follows and "run" not in result
