"""A world to be played, and then looked at: what is in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.simulation.observer import Observer
from tests.simulation.targets import Target

if TYPE_CHECKING:
    from sandbox.cloud import Cloud
    from sandbox.company import Company
    from tests.simulation.events import Events


@dataclass
class SimulatedWorld:
    """The cloud with the product, the pipelines, and what people have done to the runs."""

    cloud: Cloud
    company: Company
    observer: Observer
    events: Events  # what becomes of the targets' events
    targets: list[Target]
    releases: list[str] = field(default_factory=list)  # the invoking pipelines
    # When somebody stopped runs (epoch seconds), by their ARNs.
    stopped: dict[str, list[float]] = field(default_factory=dict)
    redriven: dict[str, float] = field(default_factory=dict)  # the last time, by the run's ARN

    def let(self, seconds: float, act: Callable[[], str]) -> None:
        """Let somebody act in so many seconds; `act` says what was done."""

        def happen() -> None:
            at = self.observer.now
            self.observer.said.append((at, act()))

        self.cloud.world.after(seconds, happen)
