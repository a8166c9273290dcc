"""Watches a cloud: when executions and actions end, and what the functions do."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sandbox.awslambda.function import Function
    from sandbox.awslambda.functions import Done
    from sandbox.cloud import Cloud
    from sandbox.services import Call
    from sandbox.world import Promise

_SUCCEEDED = {"SUCCEEDED": True, "FAILED": False}
_LOGICAL = re.compile(r"^orchestrator-(\w+?)Function-\w+$")


class Meter:
    """Counts from now on."""

    def __init__(self, cloud: Cloud) -> None:
        self.calls: Counter[tuple[str, str]] = Counter()  # by function and operation
        self.invocations: Counter[str] = Counter()  # by function
        # By pipeline, and action or None: when it last ended, and whether it succeeded.
        self.ends: dict[tuple[str, str | None], tuple[float, bool]] = {}
        self._cloud = cloud
        cloud.events.watch(self._see)
        cloud.interceptors.append(self._call)
        self._run, cloud.functions.run = cloud.functions.run, self._invoked  # type: ignore[method-assign]

    def _see(self, event: Mapping[str, Any]) -> None:
        kind, detail = event["detail-type"], event["detail"]
        if kind.startswith(("CodePipeline Pipeline", "CodePipeline Action")):
            succeeded = _SUCCEEDED.get(detail["state"])
            if succeeded is not None:
                ended = self._cloud.world.now, succeeded
                self.ends[detail["pipeline"], detail.get("action")] = ended

    def _call(self, call: Call, proceed: Callable[[], Any]) -> Any:
        function = _logical(self._cloud.functions.name_of(call.task))
        self.calls[function, call.operation] += 1
        return proceed()

    def _invoked(
        self, function: Function, payload: str, request_id: str | None = None
    ) -> Promise[Done]:
        self.invocations[_logical(str(function.function_name))] += 1
        return self._run(function, payload, request_id)


def _logical(name: str) -> str:
    """The function's name in the template, without `Function`."""
    found = _LOGICAL.match(name)
    return found[1] if found else name
