"""Starts the embedded AWS, which consists of a world and its services.

Services do not import this module. They find the running cloud with `sandbox.here.current()`.
"""

from __future__ import annotations

from contextlib import ExitStack
from functools import cached_property
from typing import TYPE_CHECKING

from sandbox import here
from sandbox.world import MAX_EVENTS, START, World

if TYPE_CHECKING:
    from datetime import datetime
    from types import TracebackType
    from typing import Self

    import boto3

    from sandbox.access import Access
    from sandbox.awslambda.functions import Functions
    from sandbox.codepipeline.direct_starts import Pipelines
    from sandbox.delivery import Events
    from sandbox.faults import Faults
    from sandbox.services import Interceptor
    from sandbox.stepfunctions import StateMachines


class Cloud:
    """The embedded AWS, used as a context manager: `with Cloud(seed=7) as cloud: ...`.

    `latency` is how many seconds an AWS call by a function takes. `max_events` limits the number of
    events in the world, and None means no limit. Only one cloud can run at a time in a process.
    Every cloud starts empty.
    """

    world: World
    access: Access
    functions: Functions
    events: Events
    state_machines: StateMachines
    pipelines: Pipelines
    interceptors: list[Interceptor]

    def __init__(
        self,
        *,
        seed: int = 0,
        start: datetime = START,
        latency: float = 0.02,
        max_events: int | None = MAX_EVENTS,
    ) -> None:
        self.world = World(seed=seed, start=start, max_events=max_events)
        self.seed = seed
        self.latency = latency
        self.interceptors = []
        self._open = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as undo:
            undo.enter_context(here.up(self))
            self._start_moto(undo)
            self._install_services(undo)
            self._open = undo.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._open.close()

    @cached_property
    def faults(self) -> Faults:
        """The faults to inject."""
        from sandbox.faults import Faults  # noqa: PLC0415 - moto takes a second to import

        return Faults(self)

    def session(self, account_id: str, region: str) -> boto3.Session:
        """A boto3 session with administrator rights in the account."""
        from sandbox import sessions  # noqa: PLC0415 - moto takes a second to import

        return sessions.administrator(account_id, region)

    def _start_moto(self, undo: ExitStack) -> None:
        from moto import mock_aws  # noqa: PLC0415 - moto takes a second to import

        from sandbox import remembering, routing, sessions, switching, virtual  # noqa: PLC0415

        remembering.install()
        switching.install()
        _install_backends()
        undo.enter_context(virtual.time_and_chance(self.world, self.seed))
        undo.enter_context(sessions.unsigned_requests())
        undo.enter_context(routing.remembered())
        undo.enter_context(mock_aws())

    def _install_services(self, undo: ExitStack) -> None:
        from sandbox.access import Access  # noqa: PLC0415 - moto takes a second to import
        from sandbox.awslambda.functions import Functions  # noqa: PLC0415
        from sandbox.codepipeline.direct_starts import Pipelines  # noqa: PLC0415
        from sandbox.delivery import Events  # noqa: PLC0415
        from sandbox.stepfunctions import StateMachines  # noqa: PLC0415

        self.access = Access()
        self.functions = Functions(self)
        undo.callback(self.functions.close)
        self.events = Events(self)
        self.state_machines = StateMachines()
        self.pipelines = Pipelines()


def _install_backends() -> None:
    from sandbox import (  # noqa: PLC0415 - moto takes a second to import
        access,
        awslambda,
        codepipeline,
        delivery,
        deployment,
        dynamodb,
        monitoring,
        scheduler,
        stepfunctions,
    )

    access.install()
    awslambda.install()
    codepipeline.install()
    delivery.install()
    deployment.install()
    dynamodb.install()
    monitoring.install()
    scheduler.install()
    stepfunctions.install()
