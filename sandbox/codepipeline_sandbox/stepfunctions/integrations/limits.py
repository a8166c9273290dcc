"""TimeoutSeconds and HeartbeatSeconds for one attempt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from codepipeline_sandbox.stepfunctions.language.errors import timed_out
from codepipeline_sandbox.stepfunctions.language.fields import ABSENT

if TYPE_CHECKING:
    from codepipeline_sandbox.stepfunctions.integrations.task import TaskFields
    from codepipeline_sandbox.stepfunctions.visits.visit import Visit

LONGEST = 99_999_999  # seconds


@dataclass(frozen=True)
class Limits:
    """The limits in seconds. None means that the task does not have that limit."""

    timeout: int | None
    heartbeat: int | None

    @property
    def told(self) -> dict[str, int]:
        """The limits as TaskScheduled shows them."""
        names = {"timeoutInSeconds": self.timeout, "heartbeatInSeconds": self.heartbeat}
        return {name: seconds for name, seconds in names.items() if seconds is not None}

    def next_alarm(self, started: float, last_heartbeat: float) -> float | None:
        """The time at which the first limit will be reached, in epoch seconds."""
        ends = [
            moment + seconds
            for moment, seconds in ((started, self.timeout), (last_heartbeat, self.heartbeat))
            if seconds is not None
        ]
        return min(ends) if ends else None

    def check(self, now: float, started: float, last_heartbeat: float) -> None:
        """Raise States.Timeout if a limit has been reached."""
        if self.timeout is not None and now >= started + self.timeout:
            raise timed_out()
        if self.heartbeat is not None and now >= last_heartbeat + self.heartbeat:
            raise timed_out(heartbeat=True)


def limits(task: TaskFields, visit: Visit) -> Limits:
    """Evaluate the limits of the task."""
    return Limits(
        _seconds(task.timeout_seconds, "TimeoutSeconds", visit),
        _seconds(task.heartbeat_seconds, "HeartbeatSeconds", visit),
    )


def _seconds(template: Any, field: str, visit: Visit) -> int | None:
    if template is ABSENT:
        return None
    return visit.whole_number(template, field, lowest=1, highest=LONGEST)
