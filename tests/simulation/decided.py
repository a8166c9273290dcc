"""A promise about approvals: a rejected or expired approval is never retried."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.simulation.observer import Effect, Observer
    from tests.simulation.scene import SimulatedWorld

_ACTION_CHANGE = "CodePipeline Action Execution State Change"


def no_decision_is_retried(world: SimulatedWorld) -> Iterator[str]:
    for effect in world.observer.effects:
        if effect.operation == "RetryStageExecution" and effect.accepted:
            for action in _not_given(effect, world.observer):
                yield f"{effect.function} retried {dict(effect.body)} despite {action}"


def _not_given(effect: Effect, observer: Observer) -> list[str]:
    last: dict[str, str] = {}
    for event in observer.events:
        detail: Any = event.document["detail"]
        if event.time >= effect.time or event.document["detail-type"] != _ACTION_CHANGE:
            continue
        place = (effect.body["pipelineExecutionId"], effect.body["stageName"])
        is_approval = detail["type"]["category"] == "Approval"
        if is_approval and (detail["execution-id"], detail["stage"]) == place:
            last[detail["action"]] = detail["state"]
    return [action for action, state in last.items() if state == "FAILED"]
