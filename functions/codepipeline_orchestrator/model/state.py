"""The data that the states of a run pass to each other."""

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

MOST_READ = 1_000  # executions that a run reads to find those in progress and its own
NO_RENEWAL = timedelta(seconds=130)  # no renewals this long before the deadline


@dataclass(frozen=True)
class Execution:
    """The target execution: the one that the run follows."""

    pipeline_execution_id: str
    start_time: datetime | None = None  # None while unknown

    def age(self, now: datetime) -> float | None:
        """Seconds since it began; None while that is unknown."""
        return (now - self.start_time).total_seconds() if self.start_time else None


@dataclass(frozen=True)
class Memory:
    """What a run remembers between states."""

    polls: int = 0
    status: str | None = None  # as the last poll read it
    stage_retries: int = 0  # how many times the run retried a stage
    superseded: str | None = None  # the first execution it followed, if a newer one superseded it
    progress: Progress | None = None  # of the target execution, as last read
    progress_polls: int = 0  # consecutive polls that read only the progress
    pace: Mapping[str, Any] | None = None  # the Pace document; empty if the pace is unknown
    restarted: str | None = None  # like superseded, if an update of the pipeline ended it
    running_unknown: bool = False  # whether another execution may have been in progress
    start_error: str | None = None  # why the last attempt to start failed
    start_tried_at: datetime | None = None  # when a start was attempted whose effect is unknown
    retry_unsure_since: datetime | None = None  # time of a failure that may have been retried
    failed_since: datetime | None = None  # when polls first read Failed, if the last one did

    def failed_for(self, now: datetime) -> float:
        """Seconds for which polls have read that the execution is Failed."""
        return (now - self.failed_since).total_seconds() if self.failed_since else 0.0


@dataclass(frozen=True)
class RunState:
    """The payload of a state that works on the target."""

    run: str  # the run's ARN
    target: Target
    request: Request
    execution: Execution | None
    memory: Memory = field(default_factory=Memory)
    attempt: int = 0  # of this state; more than 0 in a retry
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
        """Whether the run has waited after an earlier attempt or poll."""
        return self.memory.polls > 0

    @property
    def may_have_started(self) -> bool:
        """Whether the target may have been started for this run without the run knowing it."""
        return self.has_waited or self.attempt > 0 or self.request.has_token

    @classmethod
    def of(cls, event: Mapping[str, Any]) -> Self:
        """The state from the payload that the state machine sends."""
        given = {name: value for name, value in event.items() if value is not None}
        return from_document(cls, {"execution": None, **given})
