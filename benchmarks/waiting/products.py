"""The product's rows, which differ in the events that arrive and in how runs are started."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from benchmarks.waiting.worlds import WORLDS, Wait


@dataclass(frozen=True)
class Product:
    """A row of results measured with the deployed product."""

    name: str
    worlds: tuple[str, ...] = tuple(WORLDS)
    events: bool = True  # events from the target account reach the deployment
    lost: int | None = None  # if set, the end event of one in this many targets is lost
    native: bool = False  # started by CodePipeline's Step Functions action, without jobs

    def loses(self, wait: Wait) -> bool:
        """Whether this target's end event is lost."""
        return self.lost is not None and wait.number % self.lost == 0


EVENTS = Product("orchestrator")
LOST = Product("orchestrator-lost", ("history",), lost=100)
POLLS = Product("orchestrator-polls", events=False)
NATIVE = Product("orchestrator-native", ("history", "approvals"), native=True)
PRODUCTS: Mapping[str, Product] = {each.name: each for each in (EVENTS, LOST, POLLS, NATIVE)}
