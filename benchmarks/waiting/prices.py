"""What AWS asks for what the policies use, in US dollars: us-east-1, on demand, no free tier.

Calls of the APIs of CodePipeline and STS cost nothing, nor do AWS's own events on the default bus.
Left out is what all policies cost alike (the pipelines) and what depends on the deployment (logs).
"""

from __future__ import annotations

AS_OF = "2026-11-22"
SOURCES = (
    "https://aws.amazon.com/lambda/pricing/",
    "https://aws.amazon.com/step-functions/pricing/",
)

LAMBDA_REQUEST = 0.20 / 1_000_000
LAMBDA_ARM64_GB_SECOND = 0.0000133334
STATE_TRANSITION = 0.025 / 1_000  # Standard workflows

# The sandbox's functions take no time but their calls'. So this is taken for every invocation of
# every policy in a warm container, two or three calls of AWS among them.
SECONDS_PER_INVOCATION = 0.120
MEMORY_GB = 512 / 1024  # of the template
PEERS_MEMORY_GB = 128 / 1024  # the least there is


def gb_seconds(invocations: int, *, memory: float) -> float:
    """What functions use."""
    return invocations * SECONDS_PER_INVOCATION * memory


def dollars(invocations: int, transitions: int, *, memory: float) -> float:
    """What functions and state machines cost."""
    return (
        invocations * LAMBDA_REQUEST
        + gb_seconds(invocations, memory=memory) * LAMBDA_ARM64_GB_SECOND
        + transitions * STATE_TRANSITION
    )
