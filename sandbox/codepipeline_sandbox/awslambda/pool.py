"""Keeps the containers of all functions, and discards old and long-idle ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codepipeline_sandbox.awslambda import environment
from codepipeline_sandbox.awslambda.container import Container
from codepipeline_sandbox.awslambda.errors import TooManyRequests
from codepipeline_sandbox.awslambda.logs import LogStream
from codepipeline_sandbox.awslambda.package import extracted

if TYPE_CHECKING:
    from codepipeline_sandbox.awslambda.function import Function
    from codepipeline_sandbox.kernel.here import Cloud
    from codepipeline_sandbox.kernel.protocols import Invocation, LogLine

IDLE_SECONDS = 10 * 60  # AWS does not document the value; a few minutes are typical
LIFETIME_SECONDS = 2 * 3600


class Lease:
    """A container and its log stream while it handles one event."""

    def __init__(self, container: Container, stream: LogStream) -> None:
        self.container = container
        self.stream = stream
        self.killed: Invocation | None = None  # what the caller receives if the task is killed


class Pool:
    """Provides a container for each event that a function handles."""

    def __init__(self, cloud: Cloud) -> None:
        self.log_lines: list[LogLine] = []
        self._cloud = cloud
        self._idle: dict[str, list[Lease]] = {}
        self._busy: dict[str, int] = {}

    def lend(self, function: Function) -> Lease:
        """Return the most recently used idle container, or start a new one.

        Raises CannotInvoke if the reserved concurrency is used up or Lambda cannot assume the
        execution role.
        """
        arn, reserved = function.function_arn, function.reserved_concurrency
        busy = self._busy.get(arn, 0)
        if reserved is not None and busy >= reserved:
            raise TooManyRequests("Rate Exceeded.")
        warm = self._warm(function)
        lease = warm.pop() if warm else self._cold(function)
        self._idle[arn] = warm
        self._busy[arn] = busy + 1
        lease.stream.invocation = []
        return lease

    def give_back(self, lease: Lease) -> None:
        """Take back a container after its event, or discard it if it is broken."""
        arn = lease.container.function.function_arn
        lease.stream.flush()
        self._busy[arn] -= 1
        if not lease.container.broken:
            lease.container.idle_since = self._cloud.world.now
            self._idle.setdefault(arn, []).append(lease)

    def _warm(self, function: Function) -> list[Lease]:
        now = self._cloud.world.now
        return [
            lease
            for lease in self._idle.get(function.function_arn, [])
            if lease.container.function is function
            and lease.container.version == function.revision
            and now - lease.container.idle_since <= IDLE_SECONDS
            and now - lease.container.created <= LIFETIME_SECONDS
        ]

    def _cold(self, function: Function) -> Lease:
        world, access = self._cloud.world, self._cloud.access
        credentials = environment.role_session(function, access)
        day = world.datetime().strftime("%Y/%m/%d")
        name = f"{day}/[{function.version}]{world.uuid().replace('-', '')}"
        stream = LogStream(function, name, world, access, self.log_lines)
        container = Container(
            function,
            extracted(function.code_bytes),
            environment=environment.variables(function, name, credentials),
            world=world,
            log=stream.write,
            log_stream_name=name,
        )
        return Lease(container, stream)
