"""What the states of a run hand on to each other."""

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

MOST_READ = 1_000  # executions among which a run looks for what is in progress, and for its own
NO_RENEWAL = timedelta(seconds=130)  # before the deadline: a renewal might outlast it


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
    """What a run remembers from one state to the next."""

    polls: int = 0
    status: str | None = None  # as the last poll read it
    stage_retries: int = 0  # how many times the run retried a stage
    superseded: str | None = None  # the execution it followed first, if a newer one superseded it
    progress: Progress | None = None  # of the target execution, when it was last read
    progress_polls: int = 0  # polls in a row that read the progress alone
    pace: Mapping[str, Any] | None = None  # Pace's document; empty if it was read and is unknown
    restarted: str | None = None  # as superseded, if an update of the pipeline ended it
    running_unknown: bool = False  # whether something else was in progress could not be told
    start_error: str | None = None  # why the last attempt to start came to nothing
    start_tried_at: datetime | None = None  # when a start was tried of which nobody knows the fate
    retry_unsure_since: datetime | None = None  # of the failure that may have been retried
    failed_since: datetime | None = None  # when Failed was read first, if the last poll read it

    def failed_for(self, now: datetime) -> float:
        """Seconds for which the polls have read that the execution Failed."""
        return (now - self.failed_since).total_seconds() if self.failed_since else 0.0


@dataclass(frozen=True)
class RunState:
    """The payload of a state that works on the target."""

    run: str  # the run's ARN
    target: Target
    request: Request
    execution: Execution | None
    memory: Memory = field(default_factory=Memory)
    attempt: int = 0  # of this state; more than 0 when it was tried before
    job: ActionJob | None = None  # None while no action waits for the run
    listening: Listening | None = None  # None while no events are listened to
    abandoned: bool = False  # the action that asked for the run has ended
    turn_until: datetime | None = None  # until when it is this run's turn to start the target

    @property
    def followed(self) -> Execution:
        """The target execution, in a state that comes after StartExecution."""
        assert self.execution is not None
        return self.execution

    @property
    def has_waited(self) -> bool:
        """Whether an earlier attempt or poll has got an answer about the target."""
        return self.memory.polls > 0

    @property
    def may_have_started(self) -> bool:
        """Whether the target may have been started for this run, although the run knows nothing."""
        return self.has_waited or self.attempt > 0 or self.request.has_token

    @classmethod
    def of(cls, event: Mapping[str, Any]) -> Self:
        """The state from the payload that the state machine sends."""
        given = {name: value for name, value in event.items() if value is not None}
        return from_document(cls, {"execution": None, **given})
