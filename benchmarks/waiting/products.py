"""The product's rows, which differ in which events arrive and how runs are started."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from benchmarks.waiting.worlds import WORLDS, Wait


@dataclass(frozen=True)
class Product:
    """One way to deploy and use the product, measured as one row of the results."""

    name: str
    worlds: tuple[str, ...] = tuple(WORLDS)
    events: bool = True  # whether events from the target's account reach the deployment
    lost: int | None = None  # If set, the end event is lost for one in this many targets.
    native: bool = False  # a Step Functions action starts the run, without jobs

    def loses(self, wait: Wait) -> bool:
        """Whether this target's end event is lost."""
        return self.lost is not None and wait.number % self.lost == 0


EVENTS = Product("orchestrator")
LOST = Product("orchestrator-lost", ("history",), lost=100)
POLLS = Product("orchestrator-polls", events=False)
NATIVE = Product("orchestrator-native", ("history", "approvals"), native=True)
PRODUCTS: Mapping[str, Product] = {each.name: each for each in (EVENTS, LOST, POLLS, NATIVE)}
