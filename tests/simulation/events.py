"""How the events of targets are delivered in a world (EVENTS of `make soak`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal, get_args

from codepipeline_sandbox.faults import DeliveryFault

if TYPE_CHECKING:
    from codepipeline_sandbox.faults.faults import AnyFault

Events = Literal["on", "off", "half", "doubled", "reordered", "late"]
SETTINGS: tuple[Events, ...] = get_args(Events)

_SOURCE = "aws.codepipeline"
_FAULTS: Mapping[Events, tuple[AnyFault, ...]] = {
    "on": (),
    # Other accounts do not send events, and events from the deployment's own account are lost.
    "off": (DeliveryFault("dropped", "event", source=_SOURCE),),
    "half": (DeliveryFault("dropped", "event", source=_SOURCE, chance=0.5),),
    "doubled": (DeliveryFault("doubled", "event", source=_SOURCE, seconds=1.0, spread=200.0),),
    "reordered": (
        DeliveryFault("reordered", "event", source=_SOURCE, chance=0.3, behind=1),
        DeliveryFault("reordered", "event", source=_SOURCE, chance=0.3, behind=3),
    ),
    "late": (DeliveryFault("delayed", "event", source=_SOURCE, seconds=10.0, spread=400.0),),
}


def faults(events: Events) -> tuple[AnyFault, ...]:
    return _FAULTS[events]


def are_sent(events: Events) -> bool:
    return events != "off"


def arrive_at_once(events: Events) -> bool:
    return events in {"on", "doubled"}
