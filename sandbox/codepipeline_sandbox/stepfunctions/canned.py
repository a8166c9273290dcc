"""Lambda functions whose results come from plain Python callables.

They replace `Functions` where only the state machine is under test.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from codepipeline_sandbox.awslambda.errors import CannotInvoke
from codepipeline_sandbox.kernel.protocols import Invocation
from codepipeline_sandbox.kernel.world import Promise
from codepipeline_sandbox.stepfunctions.language.documents import to_json

if TYPE_CHECKING:
    from codepipeline_sandbox.kernel.world import World

Handlers = Mapping[str, Callable[[Any], Any]]  # handlers by function name


def invocation(handlers: Handlers, function: str, payload: str) -> Invocation:
    """Call the handler of a function, given by ARN or name, as Lambda would.

    An exception from the handler becomes a function error. CannotInvoke is raised unchanged.
    """
    try:
        answer = handlers[function.rsplit(":", 1)[-1]](json.loads(payload))
    except CannotInvoke:
        raise
    except Exception as error:  # noqa: BLE001 - Lambda reports any error as JSON
        failure = {"errorMessage": str(error), "errorType": type(error).__name__}
        return Invocation(to_json(failure), "Unhandled")
    return Invocation(to_json(answer))


class CannedFunctions:
    """Replaces `Functions` in a cloud.

    Handlers may wait. `calls` records the name and payload of each call.
    """

    def __init__(self, world: World, handlers: Handlers) -> None:
        self.handlers = handlers
        self.calls: list[tuple[str, Any]] = []
        self._world = world

    def invoke(self, function_arn: str, payload: str) -> Promise[Invocation]:
        """Call the handler in its own task."""
        self.calls.append((function_arn.rsplit(":", 1)[-1], json.loads(payload)))
        task = self._world.spawn(lambda: invocation(self.handlers, function_arn, payload))
        return task.outcome
