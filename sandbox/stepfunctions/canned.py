"""Lambda functions whose answers are given by plain Python callables.

They stand in for `Functions` where only the state machine is of interest.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from sandbox.awslambda.errors import CannotInvoke
from sandbox.services import Invocation
from sandbox.stepfunctions.language.documents import to_json
from sandbox.world import Promise

if TYPE_CHECKING:
    from sandbox.world import World

Handlers = Mapping[str, Callable[[Any], Any]]  # by the functions' names


def invocation(handlers: Handlers, function: str, payload: str) -> Invocation:
    """Call the handler that stands for a function (its ARN or name), as Lambda would.

    An exception becomes the function's error; CannotInvoke is raised as it is.
    """
    try:
        answer = handlers[function.rsplit(":", 1)[-1]](json.loads(payload))
    except CannotInvoke:
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, Lambda tells it as JSON
        told = {"errorMessage": str(error), "errorType": type(error).__name__}
        return Invocation(to_json(told), "Unhandled")
    return Invocation(to_json(answer))


class CannedFunctions:
    """`Functions` for a world; a handler may wait in it. `calls` holds name and payload."""

    def __init__(self, world: World, handlers: Handlers) -> None:
        self.handlers = handlers
        self.calls: list[tuple[str, Any]] = []
        self._world = world

    def invoke(self, function_arn: str, payload: str) -> Promise[Invocation]:
        """Call the handler in a task of its own."""
        self.calls.append((function_arn.rsplit(":", 1)[-1], json.loads(payload)))
        task = self._world.spawn(lambda: invocation(self.handlers, function_arn, payload))
        return task.outcome
