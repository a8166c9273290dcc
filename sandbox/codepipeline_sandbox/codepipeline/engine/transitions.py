"""The transitions into and out of a stage, which operators can disable and enable.

https://docs.aws.amazon.com/codepipeline/latest/userguide/transitions.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from codepipeline_sandbox.codepipeline import settings
from codepipeline_sandbox.codepipeline.engine import modes
from codepipeline_sandbox.codepipeline.times import timestamp
from codepipeline_sandbox.kernel import here

if TYPE_CHECKING:
    from codepipeline_sandbox.codepipeline.engine.pipelines import Pipeline
    from codepipeline_sandbox.codepipeline.engine.stages import Stage

Direction = Literal["Inbound", "Outbound"]


@dataclass(frozen=True)
class Transition:
    """Whether executions can pass, and who last changed the transition, when and why."""

    enabled: bool = True
    changed_by: str | None = None
    changed_at: float | None = None
    reason: str | None = None

    def shown(self) -> dict[str, Any]:
        """Format the transition for GetPipelineState."""
        state: dict[str, Any] = {"enabled": self.enabled}
        if self.changed_at is not None:
            state["lastChangedBy"] = self.changed_by
            state["lastChangedAt"] = timestamp(self.changed_at)
        if self.reason is not None:
            state["disabledReason"] = self.reason
        return state


def disable(stage: Stage, direction: Direction, reason: str, changed_by: str) -> None:
    """Disable the transition, so that no execution can pass."""
    now = here.current().world.now
    stage.transitions[direction] = Transition(False, changed_by, now, reason)  # noqa: FBT003 - `enabled`


def enable(pipeline: Pipeline, stage: Stage, direction: Direction, changed_by: str) -> None:
    """Enable the transition. Unless it was disabled for too long, admit the waiting executions."""
    now, before = here.current().world.now, stage.transition(direction)
    stage.transitions[direction] = Transition(changed_by=changed_by, changed_at=now)
    if before.changed_at is None or before.enabled:
        return
    if now - before.changed_at > settings.current().transition_resumes_within:
        return  # the executions wait until another one arrives
    for each in list(pipeline.stages.values()):
        if stage in {each, each.before}:
            modes.admit(each)
