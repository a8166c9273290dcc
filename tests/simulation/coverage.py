"""Counts how many times each kind of fault has struck each place."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from codepipeline_sandbox.faults.kinds import (
    CALL_KINDS,
    DELIVERIES,
    DELIVERY_KINDS,
    INVOCATION_KINDS,
)
from tests.simulation.observer import is_of_target_event, logical
from tests.simulation.sites import CALLS, FUNCTIONS, Point, points

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from codepipeline_sandbox.cloud import Cloud
    from codepipeline_sandbox.faults import Strike


def strikes(cloud: Cloud) -> Counter[Point]:
    """Count the strikes of each kind of fault at each place in a cloud.

    Faults in target events are not counted, because they are a setting of the world.
    """
    return Counter(_point(strike) for strike in cloud.faults.log if not is_of_target_event(strike))


def table(struck: Counter[Point], *, least: int) -> Iterator[str]:
    """Yield the lines of a table of all counts. Counts below `least` are marked."""
    yield from _rows("call", CALL_KINDS, _calls(), struck, least)
    functions = [(name, "") for name in FUNCTIONS]
    yield from _rows("invocation", INVOCATION_KINDS, functions, struck, least)
    yield from _rows("delivery", DELIVERY_KINDS, [("", of) for of in DELIVERIES], struck, least)


def rare(struck: Counter[Point], *, least: int) -> list[Point]:
    return [point for point in points() if struck[point] < least]


def _point(strike: Strike) -> Point:
    what, _, rest = strike.what.partition(" ")
    if what in DELIVERIES and (rest or strike.kind in DELIVERY_KINDS):
        return Point("delivery", "", what, strike.kind)
    if what == "invocation":
        return Point("invocation", logical(strike.function), "", strike.kind)
    return Point("call", logical(strike.function), strike.what, strike.kind)


def _calls() -> list[tuple[str, str]]:
    return [(function, operation) for function, calls in CALLS.items() for operation in calls]


def _rows(
    what: str,
    kinds: Sequence[str],
    places: Iterable[tuple[str, str]],
    struck: Counter[Point],
    least: int,
) -> Iterator[str]:
    there = set(points())
    width = 52
    yield f"{what:<{width}}" + "".join(f"{kind:>15}" for kind in kinds)
    for function, operation in places:
        row = [Point(what, function, operation, kind) for kind in kinds]  # type: ignore[arg-type] # from the callers above
        cells = (_cell(struck[point], least) if point in there else "-" for point in row)
        name = f"{function} {operation}".strip()
        yield f"{name:<{width}}" + "".join(f"{cell:>15}" for cell in cells)
    yield ""


def _cell(count: int, least: int) -> str:
    return f"{count}{' ' if count >= least else '!'}"
