"""The faults in a world, derived from its seed: aimed faults, stray faults and outages.

The seeds take turns aiming at the points in `sites`, so a soak test reaches all of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from random import Random
from typing import TYPE_CHECKING

from codepipeline_sandbox.faults import CallFault, DeliveryFault, InvocationFault
from playground.company import SECOND, TOOLS
from tests.simulation import situations
from tests.simulation.misfortunes import deployed, leading_to
from tests.simulation.sites import Point, points, rare_points

if TYPE_CHECKING:
    from codepipeline_sandbox.faults.faults import AnyFault

_TURNS = (*points(), *rare_points())  # rare points have two turns in each round
_AIMED = 3  # the number of points that a world aims at
_HOUR = 3600.0
_SECONDS: Mapping[str, Sequence[float | None]] = {
    "slow": (5.0, 25.0, 40.0),  # within and beyond the functions' timeouts
    "lost": (None, 7.0),
    "unreachable": (None, 3.0),
}
# Runs must retry these error codes because they are not on the product's list of final refusals.
# Some are from AWS's list of common errors or from public reports. The others are made up.
_CODES = (
    *(("RequestExpired", 403), ("RequestThrottledException", 400), ("RequestThrottled", 403)),
    *(("ExpiredTokenException", 400), ("IncompleteSignature", 403), ("OptInRequired", 403)),
    *(("InternalFailure", 500), ("LimitExceededException", 400), ("Overloaded", 429)),
    *(("NobodyKnowsThisException", status) for status in (400, 403, 404, 409, 503)),
)


# Faults in target events are a setting of the world, so these faults strike only events about runs.
_OF_RUNS = "aws.states"
_ASYNCHRONOUS = ("CodePipelineJob", "CodePipelineJob", "CodePipelineJob", "CloseJob", "Wake")

# Delays in seconds. The longest ones exceed the maximum age of job events and CodePipeline's limit
# of 20 minutes.
_LATE = (1.0, 30.0, 400.0, 1_500.0)


def aims(seed: int) -> list[Point]:
    """The points that this seed aims at.

    Each round goes through the points in a different order.
    """
    return [_turn(seed * _AIMED + each) for each in range(_AIMED)]


def faults(seed: int) -> list[AnyFault]:
    random = Random(f"weather {seed}")  # noqa: S311 - repeatable on purpose
    if random.random() < 0.03:  # one world in 33 has no faults
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
    """Create a fault at this point that strikes a few times.

    The fault becomes active immediately or after a random time of up to `within` seconds.
    """
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
    """Make a service or function unavailable, or throttle its calls, for up to an hour."""
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
