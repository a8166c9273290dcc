"""What was asked for, after the input has been read and checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Mode(StrEnum):
    """Which execution is followed."""

    START = "start"
    LATEST = "latest"
    IDLE = "idle"


class IfRunning(StrEnum):
    """What mode `start` does when an execution of the target is in progress."""

    START = "start"
    JOIN = "join"
    WAIT = "wait"
    SKIP = "skip"


class OnNeverRun(StrEnum):
    """What mode `latest` means when there is no execution."""

    FAIL = "fail"
    SUCCEED = "succeed"


class OnSuperseded(StrEnum):
    """What becomes of the run when a newer execution supersedes the target execution."""

    FAIL = "fail"
    FOLLOW = "follow"
    SUCCEED = "succeed"


class OnRestarted(StrEnum):
    """What becomes of the run when an update of the target's definition ends the execution."""

    FAIL = "fail"
    FOLLOW = "follow"


class LeaveOrStop(StrEnum):
    """What becomes of a target execution that the run no longer follows."""

    LEAVE = "leave"
    STOP = "stop"  # no new actions; those in progress end first, also an approval
    ABANDON = "abandon"  # the actions in progress are given up too

    @property
    def stops(self) -> bool:
        """Whether the execution is stopped, in one way or the other."""
        return self is not LeaveOrStop.LEAVE


@dataclass(frozen=True)
class Request:
    """What the states need of the input, apart from the target.

    A field with the name of an input field holds what the input says. It is copied by its name, and
    without what is the input's default: that must be the default here too.
    """

    mode: Mode
    wait: bool
    started_at: datetime  # when the run began
    deadline: datetime
    pipeline_execution_id: str | None = None
    if_running: IfRunning = IfRunning.START
    on_never_run: OnNeverRun = OnNeverRun.FAIL
    on_superseded: OnSuperseded = OnSuperseded.FAIL
    on_restarted: OnRestarted = OnRestarted.FAIL
    started_after: datetime | None = None  # for mode latest
    on_timeout: LeaveOrStop = LeaveOrStop.LEAVE
    on_abort: LeaveOrStop = LeaveOrStop.LEAVE
    max_stage_retries: int = 0
    output_variables: tuple[str, ...] = ()
    variables: tuple[Mapping[str, str], ...] = ()  # as StartPipelineExecution takes them
    source_revisions: tuple[Mapping[str, str], ...] = ()  # the same
    has_token: bool = False  # a clientRequestToken: other runs may ask for the same start
    has_job: bool = False  # a CodePipeline action asked for the run
    hears: bool = False  # events about the target may arrive

    def age(self, now: datetime) -> float:
        """Seconds since the run began."""
        return (now - self.started_at).total_seconds()

    def remaining(self, now: datetime) -> float:
        """Seconds until the deadline; 0 when it has passed."""
        return max(0.0, (self.deadline - now).total_seconds())
