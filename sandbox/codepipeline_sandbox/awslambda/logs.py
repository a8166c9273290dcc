"""Writes a container's output to CloudWatch Logs if the function's role allows that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from moto.logs.models import logs_backends

from codepipeline_sandbox.kernel.protocols import AccessDenied, LogLine

if TYPE_CHECKING:
    from codepipeline_sandbox.awslambda.function import Function
    from codepipeline_sandbox.kernel.protocols import Access
    from codepipeline_sandbox.kernel.world import World


class LogStream:
    """A container's log stream in CloudWatch Logs."""

    def __init__(
        self, function: Function, name: str, world: World, access: Access, lines: list[LogLine]
    ) -> None:
        self.name = name
        self.invocation: list[str] = []  # the lines of the current invocation
        self._function = function
        self._world = world
        self._lines = lines
        self._pending: list[dict[str, object]] = []
        self._backend = logs_backends[function.account_id][function.region]
        self._open = self._create(access)

    def write(self, line: str) -> None:
        """Add a line, which `flush` sends later."""
        world = self._world
        self.invocation.append(line)
        self._lines.append(LogLine(world.now, self._function.function_arn, line, self._open))
        if self._open:
            self._pending.append({"timestamp": int(world.now * 1000), "message": line})

    def flush(self) -> None:
        """Send the new lines to CloudWatch Logs."""
        if self._pending and self._group in self._backend.groups:
            self._backend.put_log_events(self._group, self.name, self._pending)
        self._pending = []

    @property
    def _group(self) -> str:
        return str(self._function.logs_group_name)

    def _create(self, access: Access) -> bool:
        """Create the stream and, if necessary, its group. Returns False if the role is denied."""
        arn = (
            f"arn:{self._function.partition}:logs:{self._function.region}"
            f":{self._function.account_id}:log-group:{self._group}"
        )
        try:
            if self._group not in self._backend.groups:
                access.require(self._function.role, "logs:CreateLogGroup", arn)
                self._backend.create_log_group(self._group, {})
            stream = f"{arn}:log-stream:{self.name}"
            access.require(self._function.role, "logs:CreateLogStream", stream)
            access.require(self._function.role, "logs:PutLogEvents", stream)
        except AccessDenied:
            return False
        self._backend.create_log_stream(self._group, self.name)
        return True
