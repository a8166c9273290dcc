"""The data that the states working on the target pass to each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Self

from codepipeline_orchestrator.model.action_job import ActionJob
from codepipeline_orchestrator.model.documents import from_document
from codepipeline_orchestrator.model.listening import Listening
from codepipeline_orchestrator.model.progress import Progress
from codepipeline_orchestrator.model.request import Request
from codepipeline_orchestrator.model.target import Target

MOST_READ = 1_000  # executions that a run reads to find its own and those in progress
NO_RENEWAL = timedelta(seconds=130)  # renewals stop this long before the deadline


@dataclass(frozen=True)
class Execution:
    """The target execution: the one that the run follows."""

    pipeline_execution_id: str
    start_time: datetime | None = None  # None while it is unknown

    def age(self, now: datetime) -> float | None:
        """Seconds since the execution began, or None while that is unknown."""
        return (now - self.start_time).total_seconds() if self.start_time else None


@dataclass(frozen=True)
class Memory:
    """What a run remembers between states."""

    polls: int = 0
    status: str | None = None  # the status that the last poll read
    stage_retries: int = 0  # how many times the run retried a stage
    superseded: str | None = None  # the first execution followed, if it was superseded
    progress: Progress | None = None  # the target execution's progress when it was last read
    progress_polls: int = 0  # number of consecutive polls that read only the progress
    pace: Mapping[str, Any] | None = None  # the Pace document; empty if the pace is unknown
    restarted: str | None = None  # the first execution followed, if a pipeline update ended it
    running_unknown: bool = False  # whether another execution may have been in progress
    start_error: str | None = None  # why the last attempt to start failed
    start_tried_at: datetime | None = None  # when an attempt to start had an unknown effect
    retry_unsure_since: datetime | None = None  # when the stage failed, if a retry may have begun
    failed_since: datetime | None = None  # when a poll first read Failed; otherwise None

    def failed_for(self, now: datetime) -> float:
        """The number of seconds for which polls have read the status Failed."""
        return (now - self.failed_since).total_seconds() if self.failed_since else 0.0


@dataclass(frozen=True)
class RunState:
    """The payload of a state that works on the target."""

    run: str  # the run's ARN
    target: Target
    request: Request
    execution: Execution | None
    memory: Memory = field(default_factory=Memory)
    attempt: int = 0  # number of earlier attempts at this state
    job: ActionJob | None = None  # None while no action waits for the run
    listening: Listening | None = None  # None while the run does not listen for events
    abandoned: bool = False  # whether the action that started the run has ended
    turn_until: datetime | None = None  # when this run's turn to start the target ends

    @property
    def followed(self) -> Execution:
        """The target execution, for states after StartExecution."""
        assert self.execution is not None
        return self.execution

    @property
    def has_waited(self) -> bool:
        """Whether the run has already waited after an attempt or a poll."""
        return self.memory.polls > 0

    @property
    def may_have_started(self) -> bool:
        """Whether the target may have been started for this run without the run's knowledge."""
        return self.has_waited or self.attempt > 0 or self.request.has_token

    @classmethod
    def of(cls, event: Mapping[str, Any]) -> Self:
        """Read the state from the payload that the state machine sends."""
        given = {name: value for name, value in event.items() if value is not None}
        return from_document(cls, {"execution": None, **given})
