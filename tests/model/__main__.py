"""Search the models of the job and wait protocols, and show why each safeguard is needed.

Then replay traces of smaller models with the real functions. The exit status is 1 if a promise is
broken, a search is incomplete, a safeguard turns out to be unnecessary, or the functions differ
from the model.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from codepipeline_sandbox.cloud import Cloud
from playground.company import Company
from tests.model.bounds import (
    LARGE,
    REPLAYED,
    REPLAYED_TOO,
    REPLAYED_WAITS,
    REPLAYED_WAITS_TOO,
    SMALL,
    Missing,
    all_missing,
)
from tests.model.holding import NotAsInTheModel
from tests.model.jobs import JobsModel
from tests.model.search import Graph, Model, search
from tests.model.stage import play
from tests.model.theater import Theater
from tests.model.waits_stage import WaitsTheater


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, prog="make model")
    parser.add_argument("--small", action="store_true", help="only the bounds of make test")
    parser.add_argument("--limit", type=int, default=3_000_000, help="states of each search")
    asked = parser.parse_args()
    _print(f"{'bounds':<60} {'states':>10} {'seconds':>8}  result")
    bounds = SMALL if asked.small else {**SMALL, **LARGE}
    kept = [_is_kept(title, model, asked.limit) for title, model in bounds.items()]
    _print("\nWithout a safeguard:")
    missed = [_is_missed(missing) for missing in all_missing()]
    _print(f"\n{'replayed':<60} {'steps':>10} {'seconds':>8}  result")
    jobs = REPLAYED if asked.small else {**REPLAYED, **REPLAYED_TOO}
    same = [
        _is_same(f"jobs: {title}", JobsModel(left), lambda company: partial(play, Theater(company)))
        for title, left in jobs.items()
    ]
    waits = REPLAYED_WAITS if asked.small else {**REPLAYED_WAITS, **REPLAYED_WAITS_TOO}
    same += [
        _is_same(f"waits: {title}", model, lambda company: WaitsTheater(company).play)
        for title, model in waits.items()
    ]
    return 0 if all([*kept, *missed, *same]) else 1


def _is_kept(title: str, model: Model[Any], limit: int) -> bool:
    found = search(model, limit=limit)
    _print(f"{title:<60} {found.states:>10,} {found.seconds:>8.1f}  {found}")
    return found.complete


def _is_missed(missing: Missing) -> bool:
    found = missing.search()
    _print(f"\n{missing} off ({missing.bounds}): {found}")
    return found.violation is not None


def _is_same(
    title: str, model: Model[Any], on: Callable[[Company], Callable[[Any, Any], None]]
) -> bool:
    """Return whether all traces can be replayed. `on` returns a function that plays one trace."""
    began = time.monotonic()
    graph = Graph(model)
    traces = graph.traces()
    verdict = "no difference"
    with Cloud(seed=7, max_events=None) as cloud:
        replay = on(Company(cloud, LocalPipelineNames="*"))
        try:
            for trace in traces:
                replay(graph.first, trace)
        except NotAsInTheModel as error:
            verdict = f"DIFFERENCE: {error}"
    steps = sum(len(trace) for trace in traces)
    _print(f"{title:<60} {steps:>10,} {time.monotonic() - began:>8.1f}  {verdict}")
    return verdict == "no difference"


def _print(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - a program for people


if __name__ == "__main__":
    sys.exit(main())
