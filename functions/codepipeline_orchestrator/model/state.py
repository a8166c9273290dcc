"""What the states of a run hand on to each other: plain JSON between them, dataclasses inside."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Self

from codepipeline_orchestrator.model.documents import read
from codepipeline_orchestrator.model.target import Target


@dataclass(frozen=True)
class Request:
    """What was asked for, after it has been read and checked."""

    mode: str
    wait: bool
    startedAt: str  # noqa: N815 - travels as JSON between the states; when the run began, ISO 8601
    deadline: str  # ISO 8601
    pipelineExecutionId: str | None = None  # noqa: N815 - as above
    ifRunning: str = "start"  # noqa: N815 - as above
    onNeverRun: str = "fail"  # noqa: N815 - as above
    onSuperseded: str = "fail"  # noqa: N815 - as above
    onTimeout: str = "leave"  # noqa: N815 - as above
    onAbort: str = "leave"  # noqa: N815 - as above
    pollCost: float = 0.3  # noqa: N815 - as above; seconds of delay that one look is worth
    hasToken: bool = False  # noqa: N815 - as above; a clientRequestToken: others may ask the same
    maxStageRetries: int = 0  # noqa: N815 - as above
    outputVariables: list[str] | None = None  # noqa: N815 - as above
    variables: list[dict[str, str]] | None = None
    sourceRevisions: list[dict[str, str]] | None = None  # noqa: N815 - as above

    def to_document(self) -> dict[str, Any]:
        """The request as the states hand it on, without what was not asked for."""
        return {name: value for name, value in asdict(self).items() if value is not None}

    def age(self, now: datetime) -> float:
        """How long the run has been going, in seconds."""
        return (now - datetime.fromisoformat(self.startedAt)).total_seconds()

    def remaining(self, now: datetime) -> float:
        """How long until the deadline, in seconds; 0 when it has passed."""
        return max(0.0, (datetime.fromisoformat(self.deadline) - now).total_seconds())


@dataclass(frozen=True)
class Execution:
    """The target execution: the one that is followed."""

    pipelineExecutionId: str  # noqa: N815 - travels as JSON between the states, in AWS's spelling
    startTime: str | None  # noqa: N815 - as above; ISO 8601, None while unknown

    def to_document(self) -> dict[str, Any]:
        """The execution as the states hand it on."""
        return asdict(self)


@dataclass(frozen=True)
class Progress:
    """What the next look at the target has to know of the looks before."""

    polls: int = 0
    status: str | None = None  # as the last look saw it
    stageRetries: int = 0  # noqa: N815 - travels as JSON; how often the run retried a stage
    superseded: str | None = None  # the execution that was to be followed, if a newer one is now
    where: dict[str, Any] | None = None  # in its pipeline, when that was last asked
    glances: int = 0  # the looks since the execution was read: they saw one of its actions run
    pace: dict[str, Any] | None = None  # Pace.to_document(); empty if asked for and not known

    def to_document(self) -> dict[str, Any]:
        """The progress as the states hand it on, without what there is not yet."""
        nothing = asdict(type(self)())
        return {name: value for name, value in asdict(self).items() if value != nothing[name]}


@dataclass(frozen=True)
class RunState:
    """The payload of a state that works on the target."""

    run: str  # the run's ARN
    target: Target
    request: Request
    execution: Execution | None
    progress: Progress
    attempt: int = 0  # of this state; more than 0 when it was tried before
    renewAt: str | None = None  # noqa: N815 - as HeldJob has it; None while the run holds no job

    @property
    def has_waited(self) -> bool:
        """Whether an earlier attempt or look has got an answer about the target."""
        return self.progress.polls > 0

    @property
    def may_have_started(self) -> bool:
        """Whether the target may have been started for this run, although the run knows nothing."""
        return self.has_waited or self.attempt > 0 or self.request.hasToken

    def within_lease(self, seconds: int, now: datetime) -> int:
        """As many seconds of waiting, but at least 1, as leave the job lease time to be renewed."""
        if self.renewAt is None:
            return seconds
        left = (datetime.fromisoformat(self.renewAt) - now).total_seconds()
        return max(1, min(seconds, math.ceil(left)))

    @classmethod
    def of(cls, event: Mapping[str, Any]) -> Self:
        """The state from the payload that the state machine sends."""
        execution, held = event.get("execution"), event.get("heldJob")
        return cls(
            run=event["run"],
            target=Target.of(event["target"]),
            request=read(Request, event["request"]),
            execution=read(Execution, execution) if execution else None,
            progress=read(Progress, event.get("progress") or {}),
            attempt=event.get("attempt", 0),
            renewAt=held["renewAt"] if held else None,
        )
