"""The rows that the product makes: which events reach the deployment, and who asks for a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from benchmarks.waiting.worlds import WORLDS, Wait


@dataclass(frozen=True)
class Product:
    """A row of the results that the deployed product makes."""

    name: str
    worlds: tuple[str, ...] = tuple(WORLDS)
    events: bool = True  # the events of the targets' account reach the deployment
    lost: int | None = None  # of so many targets, no event announces the end of the first one
    native: bool = False  # CodePipeline's own Step Functions action asks, so there is no job

    def loses(self, wait: Wait) -> bool:
        """Whether the event of this target's end is lost."""
        return self.lost is not None and wait.number % self.lost == 0


EVENTS = Product("orchestrator")
LOST = Product("orchestrator-lost", ("history",), lost=100)
POLLS = Product("orchestrator-polls", events=False)
NATIVE = Product("orchestrator-native", ("history", "approvals"), native=True)
PRODUCTS: Mapping[str, Product] = {each.name: each for each in (EVENTS, LOST, POLLS, NATIVE)}
