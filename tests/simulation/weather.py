"""What goes wrong in a world, from its seed: aimed faults, stray ones, and outages.

The seeds take turns in aiming at the points of `sites`, so that a soak comes to all of them, also
to those that a random world rarely meets.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from random import Random
from typing import TYPE_CHECKING

from sandbox.company import SECOND, TOOLS
from sandbox.faults import CallFault, DeliveryFault, InvocationFault
from tests.simulation import situations
from tests.simulation.misfortunes import deployed, leading_to
from tests.simulation.sites import Point, points, rare_points

if TYPE_CHECKING:
    from sandbox.faults.faults import AnyFault

_TURNS = (*points(), *rare_points())  # these have two turns in each round
_AIMED = 3  # at so many points does a world aim
_HOUR = 3600.0
_SECONDS: Mapping[str, Sequence[float | None]] = {
    "slow": (5.0, 25.0, 40.0),  # within and beyond the functions' time limits
    "lost": (None, 7.0),
    "unreachable": (None, 3.0),
}
# Nobody's list of final refusals has these, so they pass by themselves. Some are AWS's own, in the
# list of common errors or seen in public reports; nobody knows the others.
_CODES = (
    *(("RequestExpired", 403), ("RequestThrottledException", 400), ("RequestThrottled", 403)),
    *(("ExpiredTokenException", 400), ("IncompleteSignature", 403), ("OptInRequired", 403)),
    *(("InternalFailure", 500), ("LimitExceededException", 400), ("Overloaded", 429)),
    *(("NobodyKnowsThisException", status) for status in (400, 403, 404, 409, 503)),
)


# What becomes of the events of targets is the setting of the world.
_OF_RUNS = "aws.states"
_ASYNCHRONOUS = ("CodePipelineJob", "CodePipelineJob", "CodePipelineJob", "CloseJob", "Wake")

# Beyond the age that events of jobs may have; beyond CodePipeline's patience.
_LATE = (1.0, 30.0, 400.0, 1_500.0)


def aims(seed: int) -> list[Point]:
    """The points that it is this seed's turn to aim at. In each round they come in a new order."""
    return [_turn(seed * _AIMED + each) for each in range(_AIMED)]


def faults(seed: int) -> list[AnyFault]:
    """What goes wrong in the world of this seed."""
    random = Random(f"weather {seed}")  # noqa: S311 - repeatable on purpose
    if random.random() < 0.03:  # a fine day
        return []
    found: list[AnyFault] = []
    for point in aims(seed):
        found += [*leading_to(point, random), fault(point, random, within=20)]
    found += [
        fault(random.choice(_TURNS), random, within=300) for _ in range(random.choice([0, 0, 0, 1]))
    ]
    if random.random() < 0.12:
        found.append(_outage(random))
    return [*found, *situations.faults(seed)]


def fault(point: Point, random: Random, *, within: float) -> AnyFault:
    """A fault of this kind at this place, a few times, from now on or from later (seconds)."""
    times = random.choice([1, 2, 3, 4, 9])
    start = random.choice([0.0, 0.0, random.uniform(0, within)])
    function = deployed(point.function)
    match point.what:
        case "call":
            seconds = random.choice(_SECONDS.get(point.kind, (None,)))
            code, status = random.choice(_CODES) if point.kind == "refused" else (None, None)
            return CallFault(
                point.kind,
                point.operation,
                function=function,
                times=times,
                start=start,
                seconds=seconds,
                code=code,
                status=status,
            )
        case "invocation":
            wait = random.choice([0.0, 0.03, 0.1, 1.0]) if point.kind == "killed" else None
            return InvocationFault(point.kind, function, times=times, start=start, seconds=wait)
        case "delivery":
            late = _LATE if point.kind in {"delayed", "doubled"} else (None,)
            source = _OF_RUNS if point.operation in {"event", "target"} else "*"
            is_queued = point.operation == "invocation"
            return DeliveryFault(
                point.kind,
                point.operation,
                times=times,
                seconds=random.choice(late),
                source=source,
                function=deployed(random.choice(_ASYNCHRONOUS)) if is_queued else "*",
            )


def _turn(number: int) -> Point:
    round_, turn = divmod(number, len(_TURNS))
    return _order(round_)[turn]


@cache
def _order(round_: int) -> Sequence[Point]:
    random = Random(f"round {round_}")  # noqa: S311 - repeatable on purpose
    return random.sample(_TURNS, len(_TURNS))


def _outage(random: Random) -> AnyFault:
    """A service, or a function, that is down or throttled for up to an hour."""
    start = random.uniform(0, 300)
    end = start + random.choice([60.0, 300.0, 900.0, _HOUR])
    kind = random.choice(["throttled", "unavailable"])
    if random.random() < 0.3:
        name = random.choice(
            ["GetState", "CodePipelineJob", "StartExecution", "ReportJobResult", "Wake"]
        )
        return InvocationFault(kind, deployed(name), start=start, end=end)
    operation, account = random.choice(
        (
            ("codepipeline:*", SECOND),
            ("codepipeline:Get*", SECOND),
            ("sts:*", "*"),
            ("stepfunctions:*", TOOLS),
            ("stepfunctions:DescribeExecution", TOOLS),
            ("codepipeline:*Job*", TOOLS),
            ("dynamodb:*", TOOLS),
            ("dynamodb:UpdateItem", TOOLS),
        )
    )
    return CallFault(kind, operation, account=account, start=start, end=end)
