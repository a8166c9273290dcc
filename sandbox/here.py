"""The cloud that is up, and what the services may ask of it.

moto keeps its backends in module-level dictionaries, so there is one cloud at a time. This module
only records which one it is; `sandbox.cloud` opens it, with all its services.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

    import boto3

    from sandbox.services import Access, Events, Faults, Functions, Interceptor, StateMachines
    from sandbox.world import World


class Cloud(Protocol):
    """An embedded AWS as its services see it. `sandbox.cloud.Cloud` is one."""

    seed: int
    latency: float  # seconds that an AWS call of a function takes
    interceptors: list[Interceptor]

    @property
    def world(self) -> World:
        """The clock, the queue of events, and chance."""

    @property
    def access(self) -> Access:
        """Who may do what."""

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
    def faults(self) -> Faults:
        """What is to go wrong."""

    def session(self, account_id: str, region: str) -> boto3.Session:
        """A boto3 session of the account's administrator."""


_current: Cloud | None = None


@contextmanager
def up(cloud: Cloud) -> Iterator[None]:
    """Make this the current cloud. RuntimeError when another one is up."""
    global _current  # noqa: PLW0603 - moto's backends are the process's too
    if _current is not None:
        raise RuntimeError("there is one sandbox at a time, and one is up already")
    _current = cloud
    try:
        yield
    finally:
        _current = None


def current() -> Cloud:
    """The cloud that is up. RuntimeError when there is none."""
    if _current is None:
        msg = "no sandbox is up: use `with Cloud() as cloud:`"
        raise RuntimeError(msg)
    return _current


def current_or_none() -> Cloud | None:
    """The cloud that is up, if one is."""
    return _current
