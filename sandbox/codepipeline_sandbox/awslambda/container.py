"""An execution environment of a function, which handles one event at a time."""

from __future__ import annotations

import importlib
import io
import json
from typing import TYPE_CHECKING, Any

from codepipeline_sandbox.awslambda import failures
from codepipeline_sandbox.awslambda.context import context_of
from codepipeline_sandbox.awslambda.isolation import Isolation
from codepipeline_sandbox.awslambda.modules import ContainerModules
from codepipeline_sandbox.kernel.protocols import Invocation

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from codepipeline_sandbox.awslambda.function import Function
    from codepipeline_sandbox.awslambda.package import DeploymentPackage
    from codepipeline_sandbox.kernel.world import World

RESPONSE_LIMIT = 6_291_556  # bytes, as in the service's error message


class _Output(io.TextIOBase):
    """An output stream that passes each complete line to a callback."""

    def __init__(self, line: Callable[[str], None]) -> None:
        self._line = line
        self._rest = ""

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        *lines, self._rest = (self._rest + text).split("\n")
        for line in lines:
            self._line(line)
        return len(text)

    def finish(self) -> None:
        """Pass on the last line even if it has no newline."""
        if self._rest:
            self.write("\n")


class Container:
    """A container with its own modules, environment variables and output."""

    def __init__(
        self,
        function: Function,
        package: DeploymentPackage,
        *,
        environment: Mapping[str, str],
        world: World,
        log: Callable[[str], None],
        log_stream_name: str,
    ) -> None:
        self.function = function
        self.version = function.revision
        self.created = self.idle_since = world.now
        self.log_stream_name = log_stream_name
        self.broken = False
        self._world = world
        # Logs must be reproducible, but the path of the package's folder differs in each process.
        self._output = _Output(lambda line: log(failures.as_on_lambda(line, package.root)))
        self._modules = ContainerModules(package)
        self._isolation = Isolation(world, dict(environment), self._output)
        self._handler: Callable[[Any, Any], Any] | None = None

    def enter(self) -> None:
        """Install the container's modules and global state before its task runs."""
        self._isolation.swap()
        self._modules.enter()

    def leave(self) -> None:
        """Restore the previous modules and state when the container's task pauses or ends."""
        self._modules.leave()
        self._isolation.swap()

    def handle(self, payload: str, request_id: str, deadline: float) -> Invocation:
        """Run the handler with an event. Must be called between `enter` and `leave`."""
        context = context_of(self.function, request_id, self.log_stream_name, deadline, self._world)
        try:
            return _response(self._load_handler()(json.loads(payload), context), request_id)
        except SystemExit:
            self.broken = True
            return failures.exited(request_id)
        except Exception as error:  # noqa: BLE001 - any error is the handler's result
            failure = failures.raised(error, request_id, self._modules.package.root)
            self._output.write(failure.log_line + "\n")
            return failure.invocation
        finally:
            self._output.finish()

    def _load_handler(self) -> Callable[[Any, Any], Any]:
        if self._handler is None:
            module_name, _, name = str(self.function.handler).rpartition(".")
            module_name = module_name.replace("/", ".")
            try:
                module = importlib.import_module(module_name)
            except (ImportError, SyntaxError) as error:
                raise failures.cannot_import(module_name, error) from error
            handler: Callable[[Any, Any], Any] | None = getattr(module, name, None)
            if handler is None:
                raise failures.no_handler(module_name, name)
            self._handler = handler
        return self._handler


def _response(value: Any, request_id: str) -> Invocation:
    try:
        payload = json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError) as error:
        return failures.cannot_marshal(error, request_id)
    if len(payload.encode()) > RESPONSE_LIMIT:
        return failures.too_large(RESPONSE_LIMIT)
    return Invocation(payload)
