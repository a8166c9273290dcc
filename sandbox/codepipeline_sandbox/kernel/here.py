"""The running cloud, and the interface that its services use.

moto keeps its backends in module-level dictionaries, so only one cloud can run at a time. This
module only records the running cloud. `cloud` starts one with all its services.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

    import boto3

    from codepipeline_sandbox.kernel.protocols import (
        Access,
        Events,
        Faults,
        Functions,
        Interceptor,
        Pipelines,
        StateMachines,
    )
    from codepipeline_sandbox.kernel.world import World

# The defaults for functions that need an account and a Region.
ACCOUNT = "111122223333"
REGION = "eu-west-1"


class Cloud(Protocol):
    """The part of `cloud.Cloud` that services use."""

    seed: int
    latency: float  # the duration of a function's AWS call, in seconds
    interceptors: list[Interceptor]

    @property
    def world(self) -> World:
        """The clock, the queue of events, and the source of randomness."""

    @property
    def access(self) -> Access:
        """The permission checks."""

    @property
    def functions(self) -> Functions:
        """AWS Lambda."""

    @property
    def events(self) -> Events:
        """EventBridge."""

    @property
    def state_machines(self) -> StateMachines:
        """Step Functions."""

    @property
    def pipelines(self) -> Pipelines:
        """CodePipeline."""

    @property
    def faults(self) -> Faults:
        """The faults to inject."""

    def session(self, account_id: str = ACCOUNT, region: str = REGION) -> boto3.Session:
        """A boto3 session with administrator rights in the account."""


_current: Cloud | None = None


@contextmanager
def up(cloud: Cloud) -> Iterator[None]:
    """Make this the running cloud. Raises RuntimeError if another one is running."""
    global _current  # noqa: PLW0603 - moto's backends are global too
    if _current is not None:
        raise RuntimeError("only one sandbox can run at a time")
    _current = cloud
    try:
        yield
    finally:
        _current = None


def current() -> Cloud:
    """Return the running cloud. Raises RuntimeError if there is none."""
    if _current is None:
        msg = "no sandbox is running. Use `with Cloud() as cloud:`"
        raise RuntimeError(msg)
    return _current


def current_or_none() -> Cloud | None:
    """Return the running cloud, or None."""
    return _current
