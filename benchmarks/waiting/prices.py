"""What AWS charges for what the policies use, in US dollars: us-east-1, on demand, no free tier.

Calls of the APIs of CodePipeline, STS and Step Functions cost nothing, nor do AWS's own events on
the default bus. Left out is what all policies cost alike (the pipelines) and what depends on the
deployment (logs, a table's storage and backups).
"""

from __future__ import annotations

from dataclasses import dataclass

AS_OF = "2026-11-30"

# The functions of the sandbox take only as long as their calls. So every invocation of every policy
# is taken to last this long: a warm container that makes two or three AWS calls.
SECONDS_PER_INVOCATION = 0.120
MEMORY_GB = 512 / 1024  # of the template
PEERS_MEMORY_GB = 128 / 1024  # the least that Lambda offers


@dataclass(frozen=True)
class Price:
    """What so many of something cost."""

    what: str
    dollars: float
    per: int
    source: str

    @property
    def each(self) -> float:
        """What one of them costs."""
        return self.dollars / self.per


_LAMBDA = "https://aws.amazon.com/lambda/pricing/"
_DYNAMODB = "https://airbyte.com/data-engineering-resources/dynamodb-pricing"
REQUEST = Price("invocations of Lambda", 0.20, 1_000_000, _LAMBDA)
GB_SECOND = Price("GB-seconds of Lambda on arm64", 13.3334, 1_000_000, _LAMBDA)
TRANSITION = Price(
    "state transitions of Step Functions, Standard",
    25.0,
    1_000_000,
    "https://aws.amazon.com/step-functions/pricing/",
)
WRITE = Price("write request units of DynamoDB, on demand", 0.625, 1_000_000, _DYNAMODB)
READ = Price("read request units of DynamoDB, on demand", 0.125, 1_000_000, _DYNAMODB)
FORWARDED = Price(
    "events that EventBridge delivers to another account",
    1.0,
    1_000_000,
    "https://cloudburn.io/blog/amazon-eventbridge-pricing",
)
PRICES = (REQUEST, GB_SECOND, TRANSITION, WRITE, READ, FORWARDED)


@dataclass(frozen=True)
class Billed:
    """What is charged besides functions and states; the units of DynamoDB may be halves."""

    writes: float = 0.0  # write request units
    reads: float = 0.0  # read request units
    forwarded: int = 0  # events that went to another account

    def __add__(self, other: Billed) -> Billed:
        return Billed(
            self.writes + other.writes,
            self.reads + other.reads,
            self.forwarded + other.forwarded,
        )


def gb_seconds(invocations: int, *, memory: float) -> float:
    """What functions use."""
    return invocations * SECONDS_PER_INVOCATION * memory


def dollars(invocations: int, transitions: int, billed: Billed, *, memory: float) -> float:
    """What functions, state machines, tables and forwarded events cost."""
    return (
        invocations * REQUEST.each
        + gb_seconds(invocations, memory=memory) * GB_SECOND.each
        + transitions * TRANSITION.each
        + billed.writes * WRITE.each
        + billed.reads * READ.each
        + billed.forwarded * FORWARDED.each
    )
