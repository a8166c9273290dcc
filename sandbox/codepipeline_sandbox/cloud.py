"""Starts the embedded AWS, which consists of a world and its services.

Services do not import this module. They find the running cloud with `kernel.here.current()`.
"""

from __future__ import annotations

from contextlib import ExitStack
from functools import cached_property
from typing import TYPE_CHECKING

from codepipeline_sandbox.kernel import here
from codepipeline_sandbox.kernel.here import ACCOUNT, REGION
from codepipeline_sandbox.kernel.patches import Patches
from codepipeline_sandbox.kernel.world import MAX_EVENTS, START, World

if TYPE_CHECKING:
    from datetime import datetime
    from types import TracebackType
    from typing import Self

    import boto3

    from codepipeline_sandbox.awslambda.functions import Functions
    from codepipeline_sandbox.codepipeline.direct_starts import Pipelines
    from codepipeline_sandbox.eventbridge import Events
    from codepipeline_sandbox.faults import Faults
    from codepipeline_sandbox.iam import Access
    from codepipeline_sandbox.kernel.protocols import Interceptor
    from codepipeline_sandbox.stepfunctions import StateMachines


class Cloud:
    """The embedded AWS, used as a context manager: `with Cloud(seed=7) as cloud: ...`.

    `latency` is the duration of a function's AWS call, in seconds. `max_events` limits the number
    of events in the world, and None means no limit. Only one cloud can run at a time in a process.
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
        self.patches = Patches()  # what the open cloud has changed in other packages
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
        from codepipeline_sandbox.faults import Faults  # noqa: PLC0415 - moto takes a second to import

        return Faults(self)

    def session(self, account_id: str = ACCOUNT, region: str = REGION) -> boto3.Session:
        """A boto3 session with administrator rights in the account."""
        from codepipeline_sandbox.patches import sessions  # noqa: PLC0415 - moto takes a second to import

        return sessions.administrator(account_id, region)

    def _start_moto(self, undo: ExitStack) -> None:
        from moto import mock_aws  # noqa: PLC0415 - moto takes a second to import

        from codepipeline_sandbox.patches import (  # noqa: PLC0415
            aws_calls,
            caches,
            endpoints,
            sessions,
            virtual_time,
        )

        undo.enter_context(self.patches)
        caches.install(self.patches)
        aws_calls.install(self.patches)
        _install_backends(self.patches)
        virtual_time.install(self.patches, self.world, self.seed)
        sessions.install(self.patches)
        endpoints.install(self.patches)
        undo.enter_context(mock_aws())

    def _install_services(self, undo: ExitStack) -> None:
        from codepipeline_sandbox.awslambda.functions import Functions  # noqa: PLC0415
        from codepipeline_sandbox.codepipeline.direct_starts import Pipelines  # noqa: PLC0415
        from codepipeline_sandbox.eventbridge import Events  # noqa: PLC0415
        from codepipeline_sandbox.iam import Access  # noqa: PLC0415 - moto takes a second to import
        from codepipeline_sandbox.stepfunctions import StateMachines  # noqa: PLC0415

        self.access = Access()
        self.functions = Functions(self)
        undo.callback(self.functions.close)
        self.events = Events(self)
        self.state_machines = StateMachines()
        self.pipelines = Pipelines()


def _install_backends(patches: Patches) -> None:
    from codepipeline_sandbox import (  # noqa: PLC0415 - moto takes a second to import
        awslambda,
        cloudformation,
        cloudwatch,
        codepipeline,
        dynamodb,
        eventbridge,
        iam,
        scheduler,
        stepfunctions,
    )

    iam.install(patches)
    awslambda.install(patches)
    codepipeline.install(patches)
    eventbridge.install(patches)
    cloudformation.install(patches)
    dynamodb.install(patches)
    cloudwatch.install(patches)
    scheduler.install(patches)
    stepfunctions.install(patches)
