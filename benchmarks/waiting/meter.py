"""Count the product's calls in a cloud, and record when executions and actions end."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from benchmarks.waiting.prices import Billed
from benchmarks.waiting.request_units import billed
from codepipeline_sandbox.kernel.protocols import MACHINE
from playground.company import REGION, TOOLS

if TYPE_CHECKING:
    from codepipeline_sandbox.awslambda.function import Function
    from codepipeline_sandbox.awslambda.functions import Done
    from codepipeline_sandbox.cloud import Cloud
    from codepipeline_sandbox.kernel.protocols import Call
    from codepipeline_sandbox.kernel.world import Promise

_MACHINE = "StateMachine"  # the name under which the state machine's own calls are counted
_SUCCEEDED = {"SUCCEEDED": True, "FAILED": False}
_LOGICAL = re.compile(r"^orchestrator-(\w+?)Function-\w+$")


class Meter:
    """Counts everything that happens in a cloud after the meter was created."""

    def __init__(self, cloud: Cloud) -> None:
        self.calls: Counter[tuple[str, str]] = Counter()  # by caller and operation
        self.invocations: Counter[str] = Counter()  # by function
        self.billed = Billed()
        # The last end of each pipeline and action, and whether it was a success. The action is None
        # for the pipeline itself.
        self.ends: dict[tuple[str, str | None], tuple[float, bool]] = {}
        self._cloud = cloud
        cloud.events.watch(self._see)
        cloud.interceptors.append(self._call)
        self._run, cloud.functions.run = cloud.functions.run, self._invoked  # type: ignore[method-assign]
        self._take, cloud.events.take = cloud.events.take, self._arrived  # type: ignore[method-assign]

    def _see(self, event: Mapping[str, Any]) -> None:
        kind, detail = event["detail-type"], event["detail"]
        if kind.startswith(("CodePipeline Pipeline", "CodePipeline Action")):
            succeeded = _SUCCEEDED.get(detail["state"])
            if succeeded is not None:
                ended = self._cloud.world.now, succeeded
                self.ends[detail["pipeline"], detail.get("action")] = ended

    def _call(self, call: Call, proceed: Callable[[], Any]) -> Any:
        self.calls[_logical(call.caller), call.operation] += 1
        if call.service != "dynamodb":
            return proceed()
        request = _json(call)
        before = _item_bytes(request)
        try:
            return proceed()
        finally:
            self.billed += billed(
                call.operation,
                before=before,
                after=_item_bytes(request),
                consistent=request.get("ConsistentRead", False),
            )

    def _invoked(
        self, function: Function, payload: str, request_id: str | None = None
    ) -> Promise[Done]:
        self.invocations[_logical(str(function.function_name))] += 1
        return self._run(function, payload, request_id)

    def _arrived(self, bus_arn: str, event: Mapping[str, Any], **more: Any) -> None:
        """Count an event from another account, because AWS charges the sending account."""
        if bus_arn.split(":")[4] != event["account"]:
            self.billed += Billed(forwarded=1)
        self._take(bus_arn, event, **more)


def _json(call: Call) -> dict[str, Any]:
    body = call.request.body
    assert isinstance(body, str | bytes), call.operation
    document: dict[str, Any] = json.loads(body)
    return document


def _item_bytes(request: Mapping[str, Any]) -> int:
    # Importing moto is slow, and only a running sandbox needs it.
    from moto.dynamodb.models import dynamodb_backends  # noqa: PLC0415

    backend = dynamodb_backends[TOOLS][REGION]
    table = backend.get_table(request["TableName"])
    attributes = request.get("Key") or request["Item"]
    names = [name for name in (table.hash_key_attr, table.range_key_attr) if name]
    item = backend.get_item(table.name, {name: attributes[name] for name in names})
    return item.size() if item is not None else 0


def _logical(caller: str) -> str:
    """The function's name in the template without `Function`, or StateMachine."""
    if caller.startswith(MACHINE):
        return _MACHINE
    found = _LOGICAL.match(caller)
    return found[1] if found else caller
