"""The steps of a run: each state it was in, from the events of its history."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from codepipeline_orchestrator.model.documents import json_object, lambda_error_message
from codepipeline_orchestrator.model.snapshot import Snapshot
from pipeline_run.connection import Connection
from pipeline_run.errors import aws_refusals
from pipeline_run.snapshots import snapshot_in

_PAGE = 1000  # events; the most that Step Functions gives at once
_FAILED = ("TaskFailed", "TaskTimedOut", "TaskStartFailed", "TaskSubmitFailed")


@dataclass(frozen=True)
class Failed:
    """An attempt of a task that failed; it may have been tried again."""

    start: datetime
    end: datetime
    error: str
    cause: str


@dataclass
class RunStep:
    """A state that the run was in."""

    state: str
    entered: datetime
    left: datetime | None = None  # None while the run is in it, or where it died
    output: Mapping[str, Any] = field(default_factory=dict)
    failures: list[Failed] = field(default_factory=list)
    succeeded: bool = False  # of a task

    @property
    def changes(self) -> Mapping[str, Any]:
        """What changed in the run's state."""
        changes: Mapping[str, Any] = self.output.get("changes") or {}
        return changes

    @property
    def snapshot(self) -> Snapshot | None:
        """The snapshot of the target, if this step took one."""
        return snapshot_in(self.output)


def events(connection: Connection, arn: str) -> Iterator[Any]:
    """All events of the run, the oldest first."""
    with aws_refusals("read the run's history"):
        pages = connection.stepfunctions.get_paginator("get_execution_history").paginate(
            executionArn=arn, PaginationConfig={"PageSize": _PAGE}
        )
        for page in pages:
            yield from page["events"]


def steps(history: Iterable[Any]) -> list[RunStep]:
    """The steps that the events tell of; the machine has no parallel states."""
    found: list[RunStep] = []
    begun: datetime | None = None
    for event in history:
        kind, time = event["type"], event["timestamp"]
        if kind.endswith("StateEntered"):
            found.append(RunStep(event["stateEnteredEventDetails"]["name"], time))
        elif kind.endswith("StateExited"):
            found[-1].left = time
            found[-1].output = json_object(event["stateExitedEventDetails"].get("output"))
        elif kind == "TaskScheduled":
            begun = time
        elif kind == "TaskSucceeded":
            found[-1].succeeded = True
        elif kind in _FAILED:
            told = event[f"{kind[0].lower()}{kind[1:]}EventDetails"]
            error, cause = told.get("error", "States.TaskFailed"), told.get("cause", "")
            found[-1].failures.append(
                Failed(begun or time, time, error, lambda_error_message(cause))
            )
    return found
