"""The request: the parts of the validated input that the states use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Mode(StrEnum):
    """Which execution the run follows."""

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
    """What mode `latest` does when the target has no execution."""

    FAIL = "fail"
    SUCCEED = "succeed"


class OnSuperseded(StrEnum):
    """What the run does when a newer execution supersedes the target execution."""

    FAIL = "fail"
    FOLLOW = "follow"
    SUCCEED = "succeed"


class OnRestarted(StrEnum):
    """What the run does when an update to the target's definition ends the target execution."""

    FAIL = "fail"
    FOLLOW = "follow"


class LeaveOrStop(StrEnum):
    """What the run does to a target execution that it stops following."""

    LEAVE = "leave"
    STOP = "stop"  # starts no new actions, but waits for those in progress, even approvals
    ABANDON = "abandon"  # also abandons the actions in progress

    @property
    def stops(self) -> bool:
        """Whether the run stops the execution, with or without abandoning its actions."""
        return self is not LeaveOrStop.LEAVE


@dataclass(frozen=True)
class Request:
    """What the states need from the input, apart from the target.

    Input fields that differ from their defaults are copied to the fields of the same name. Their
    defaults must therefore be the same as the input's defaults.
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
    variables: tuple[Mapping[str, str], ...] = ()  # in the form that StartPipelineExecution expects
    source_revisions: tuple[
        Mapping[str, str], ...
    ] = ()  # in the form that StartPipelineExecution expects
    has_token: bool = False  # whether other runs may request the same start (clientRequestToken)
    has_job: bool = False  # whether a CodePipeline action started the run
    hears: bool = False  # whether events about the target may arrive

    def age(self, now: datetime) -> float:
        """Seconds since the run began."""
        return (now - self.started_at).total_seconds()

    def remaining(self, now: datetime) -> float:
        """Seconds until the deadline, or 0 when it has passed."""
        return max(0.0, (self.deadline - now).total_seconds())
