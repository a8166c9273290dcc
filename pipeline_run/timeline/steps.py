"""The steps of a run, read from its history. A step is one visit to a state."""

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

_PAGE = 1000  # events per page; Step Functions' maximum
_FAILED = ("TaskFailed", "TaskTimedOut", "TaskStartFailed", "TaskSubmitFailed")


@dataclass(frozen=True)
class Failed:
    """A failed attempt at a task, which may have been retried."""

    start: datetime
    end: datetime
    error: str
    cause: str


@dataclass
class RunStep:
    """One visit of the run to a state."""

    state: str
    entered: datetime
    left: datetime | None = None  # None if the run is still in this state or was stopped in it
    output: Mapping[str, Any] = field(default_factory=dict)
    failures: list[Failed] = field(default_factory=list)
    succeeded: bool = False  # whether the state's task succeeded

    @property
    def changes(self) -> Mapping[str, Any]:
        """The changes to the run's state."""
        changes: Mapping[str, Any] = self.output.get("changes") or {}
        return changes

    @property
    def snapshot(self) -> Snapshot | None:
        """The snapshot of the target that this step took, if any."""
        return snapshot_in(self.output)


def events(connection: Connection, arn: str) -> Iterator[Any]:
    """All events of the run, oldest first."""
    with aws_refusals("read the run's history"):
        pages = connection.stepfunctions.get_paginator("get_execution_history").paginate(
            executionArn=arn, PaginationConfig={"PageSize": _PAGE}
        )
        for page in pages:
            yield from page["events"]


def steps(history: Iterable[Any]) -> list[RunStep]:
    """The steps in the history. The state machine has no parallel states."""
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
