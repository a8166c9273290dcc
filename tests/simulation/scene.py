from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.simulation.observer import Observer
from tests.simulation.targets import Target

if TYPE_CHECKING:
    from codepipeline_sandbox.cloud import Cloud
    from playground.company import Company
    from tests.simulation.events import Events


@dataclass
class SimulatedWorld:
    """A cloud with the product and its pipelines, and a record of stopped and redriven runs."""

    cloud: Cloud
    company: Company
    observer: Observer
    events: Events  # how targets' events are delivered
    targets: list[Target]
    releases: list[str] = field(default_factory=list)  # the invoking pipelines
    # When people stopped each run, by ARN, in epoch seconds.
    stopped: dict[str, list[float]] = field(default_factory=dict)
    # When people last redrove each run, by ARN, in epoch seconds.
    redriven: dict[str, float] = field(default_factory=dict)

    def let(self, seconds: float, act: Callable[[], str]) -> None:
        """Schedule an act of a simulated person. `act` performs it and returns a description."""

        def happen() -> None:
            at = self.observer.now
            self.observer.said.append((at, act()))

        self.cloud.world.after(seconds, happen)
