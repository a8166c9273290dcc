"""AWS prices of everything that the policies use, in US dollars.

The prices are for us-east-1, on demand, without the free tier. API calls to CodePipeline, STS and
Step Functions are free, and so are AWS's own events on the default bus. Costs that are the same for
all policies (the pipelines) or that depend on the deployment (logs, storage and backups of tables)
are not included.
"""

from __future__ import annotations

from dataclasses import dataclass

AS_OF = "2026-11-30"

# A function in the sandbox takes only as long as its calls, so a fixed time is used instead. It is
# the typical time of a warm container that makes two or three AWS calls.
SECONDS_PER_INVOCATION = 0.120
MEMORY_GB = 512 / 1024  # as in the template
PEERS_MEMORY_GB = 128 / 1024  # Lambda's minimum


@dataclass(frozen=True)
class Price:
    """The price of a number of units."""

    what: str
    dollars: float
    per: int
    source: str

    @property
    def each(self) -> float:
        """The price of one unit."""
        return self.dollars / self.per


_LAMBDA = "https://aws.amazon.com/lambda/pricing/"
_DYNAMODB = "https://airbyte.com/data-engineering-resources/dynamodb-pricing"
REQUEST = Price("Lambda invocations", 0.20, 1_000_000, _LAMBDA)
GB_SECOND = Price("Lambda GB-seconds on arm64", 13.3334, 1_000_000, _LAMBDA)
TRANSITION = Price(
    "Step Functions state transitions (Standard)",
    25.0,
    1_000_000,
    "https://aws.amazon.com/step-functions/pricing/",
)
WRITE = Price("DynamoDB write request units, on demand", 0.625, 1_000_000, _DYNAMODB)
READ = Price("DynamoDB read request units, on demand", 0.125, 1_000_000, _DYNAMODB)
FORWARDED = Price(
    "events that EventBridge delivers to another account",
    1.0,
    1_000_000,
    "https://cloudburn.io/blog/amazon-eventbridge-pricing",
)
PRICES = (REQUEST, GB_SECOND, TRANSITION, WRITE, READ, FORWARDED)


@dataclass(frozen=True)
class Billed:
    """Charges other than functions and state transitions.

    Read units can be fractional, because an eventually consistent read uses half as many.
    """

    writes: float = 0.0  # write request units
    reads: float = 0.0  # read request units
    forwarded: int = 0

    def __add__(self, other: Billed) -> Billed:
        return Billed(
            self.writes + other.writes,
            self.reads + other.reads,
            self.forwarded + other.forwarded,
        )


def gb_seconds(invocations: int, *, memory: float) -> float:
    """Compute the GB-seconds of this many invocations."""
    return invocations * SECONDS_PER_INVOCATION * memory


def dollars(invocations: int, transitions: int, billed: Billed, *, memory: float) -> float:
    """Compute the cost of functions, state transitions, tables and forwarded events."""
    return (
        invocations * REQUEST.each
        + gb_seconds(invocations, memory=memory) * GB_SECOND.each
        + transitions * TRANSITION.each
        + billed.writes * WRITE.each
        + billed.reads * READ.each
        + billed.forwarded * FORWARDED.each
    )
