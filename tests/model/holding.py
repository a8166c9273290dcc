"""Holds each sandbox process at its next AWS call until a model's trace releases it.

One process at a time is released, with the fault that the trace specifies. The process then runs
until it makes its next call or ends.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.awsrequest import AWSResponse
from botocore.exceptions import ConnectionClosedError
from moto.core.botocore_stubber import MockRawResponse

from codepipeline_sandbox.faults.names import by_service_id
from codepipeline_sandbox.kernel.protocols import MACHINE
from codepipeline_sandbox.kernel.world import Promise
from tests.model.calls import KILLED, LOST, REFUSED, REPEATED, STALE

if TYPE_CHECKING:
    from codepipeline_sandbox.cloud import Cloud
    from codepipeline_sandbox.kernel.protocols import Call
    from codepipeline_sandbox.kernel.world import Task

_ATTEMPT = re.compile(rb"attempt=(\d+)")


class NotAsInTheModel(AssertionError):
    """The product behaves differently from the model."""


@dataclass
class Held:
    call: Call
    verdict: Promise[str]

    @property
    def operation(self) -> str:
        return f"{by_service_id(self.call.service)}:{self.call.operation}"


class Holder:
    """Intercepts AWS calls in the cloud, and holds those of the processes that it controls."""

    def __init__(
        self,
        cloud: Cloud,
        *,
        let_pass: Collection[str] = (),
        also: Callable[[Call], bool] = lambda _: False,
    ) -> None:
        """Start intercepting calls.

        `let_pass` lists calls that are not held, because the model omits them. `also` selects calls
        of other processes to hold.
        """
        self._cloud = cloud
        self._let_pass = let_pass
        self._also = also
        self._held: dict[Task, Held] = {}
        self._faults: dict[Task, str] = {}  # the fault in each task's latest call
        self._ours: set[Task] = set()
        cloud.interceptors.append(self._intercept)

    def start(self, function: Callable[[], Any]) -> Task:
        task = self._cloud.world.spawn(function)
        self.hold(task)
        return task

    def hold(self, task: Task) -> None:
        """Run a new process until it makes its first call or ends."""
        self._ours.add(task)
        self._settle(task)

    def holds(self, task: Task) -> str:
        held = self._held.get(task)
        return held.operation if held else ""

    def request(self, task: Task) -> dict[str, Any]:
        body: Any = self._held[task].call.request.body
        request: dict[str, Any] = json.loads(body)
        return request

    def others(self) -> list[Task]:
        """The held processes that `also` selected."""
        return [task for task in self._held if task not in self._ours]

    def release(self, task: Task, operation: str, fault: str = "") -> None:
        """Make the held call with this fault, and run the process until its next call or its end.

        Raises NotAsInTheModel if the process is held at a different call.
        """
        if self.holds(task) != operation:
            found = self.holds(task) or "its end"
            raise NotAsInTheModel(
                f"the model makes the call {operation}, the product is at {found}"
            )
        self._faults[task] = fault
        self._held.pop(task).verdict.resolve(fault)
        self._settle(task)

    def _settle(self, task: Task) -> None:
        self._cloud.world.run_until(lambda: task in self._held or not task.alive)

    def _intercept(self, call: Call, proceed: Callable[[], Any]) -> Any:
        held = Held(call, Promise())
        is_ours = call.task in self._ours and held.operation not in self._let_pass
        if not is_ours and not self._also(call):
            return proceed()
        if _attempt(call) > 1:
            return _again(call, self._faults[call.task], proceed)
        self._held[call.task] = held
        try:
            fault = self._cloud.world.result_of(held.verdict)
        finally:
            self._held.pop(call.task, None)  # even if the task was killed at this call
        return _answer(call, fault, proceed)


def _attempt(call: Call) -> int:
    header = call.request.headers.get("amz-sdk-request", b"attempt=1")
    found = _ATTEMPT.search(header if isinstance(header, bytes) else header.encode())
    return int(found[1]) if found else 1


def _answer(call: Call, fault: str, proceed: Callable[[], Any]) -> Any:
    if fault == REFUSED:
        raise ConnectionClosedError(endpoint_url=call.request.url)
    answer = proceed()
    if fault == REPEATED and call.caller.startswith(MACHINE):
        return proceed()  # a state machine's client makes only one attempt
    if fault == KILLED:
        call.task.kill()
    if fault in {LOST, REPEATED}:
        raise ConnectionClosedError(endpoint_url=call.request.url)
    return _just_before(call, answer) if fault == STALE else answer


def _again(call: Call, fault: str, proceed: Callable[[], Any]) -> Any:
    if fault == REPEATED:
        return proceed()
    raise ConnectionClosedError(endpoint_url=call.request.url)


def _just_before(call: Call, answer: AWSResponse) -> AWSResponse:
    """The response that DescribeExecution would have given just before the run began or ended."""
    assert call.operation == "DescribeExecution"
    described = json.loads(answer.content)
    if described["status"] == "RUNNING":
        missing = {"__type": "ExecutionDoesNotExist", "message": "Execution Does Not Exist"}
        return _response(call, 400, missing)
    kept = {k: v for k, v in described.items() if k not in {"stopDate", "output", "error", "cause"}}
    return _response(call, 200, {**kept, "status": "RUNNING"})


def _response(call: Call, status: int, body: dict[str, Any]) -> AWSResponse:
    headers: Any = {"Content-Type": "application/x-amz-json-1.0"}
    raw = MockRawResponse(json.dumps(body).encode())
    return AWSResponse(call.request.url, status, headers, raw)
