"""Processes of the sandbox, held at each AWS call until a trace of the model releases them.

With it a trace is played in the sandbox call by call: each process stands at the call that it makes
next, one of them is released, with the trace's fault, and runs to its next call or its end.
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

from sandbox.faults.names import by_service_id
from sandbox.services import MACHINE
from sandbox.world import Promise
from tests.model.calls import KILLED, LOST, REFUSED, REPEATED, STALE

if TYPE_CHECKING:
    from sandbox.cloud import Cloud
    from sandbox.services import Call
    from sandbox.world import Task

_ATTEMPT = re.compile(rb"attempt=(\d+)")


class NotAsInTheModel(AssertionError):
    """The product does something else than its model."""


@dataclass
class Held:
    """A call that a process is about to make."""

    call: Call
    verdict: Promise[str]

    @property
    def operation(self) -> str:
        """As the model names it: service:Operation."""
        return f"{by_service_id(self.call.service)}:{self.call.operation}"


class Holder:
    """Holds the calls of the processes that it is given. It is an interceptor of the cloud."""

    def __init__(
        self,
        cloud: Cloud,
        *,
        let_pass: Collection[str] = (),
        also: Callable[[Call], bool] = lambda _: False,
    ) -> None:
        """Begin to hold calls. `let_pass`: service:Operation of what the model leaves out.

        `also`: which calls are held of processes that it is not given.
        """
        self._cloud = cloud
        self._let_pass = let_pass
        self._also = also
        self._held: dict[Task, Held] = {}
        self._faults: dict[Task, str] = {}  # of the call that each made last
        self._ours: set[Task] = set()
        cloud.interceptors.append(self._intercept)

    def start(self, function: Callable[[], Any]) -> Task:
        """Run a process to its first call, or its end."""
        task = self._cloud.world.spawn(function)
        self.hold(task)
        return task

    def hold(self, task: Task) -> None:
        """Let a process that has not begun run to its first call, or its end."""
        self._ours.add(task)
        self._settle(task)

    def holds(self, task: Task) -> str:
        """The call at which the process stands; empty if it has ended."""
        held = self._held.get(task)
        return held.operation if held else ""

    def request(self, task: Task) -> dict[str, Any]:
        """The JSON that the process is about to send."""
        body: Any = self._held[task].call.request.body
        request: dict[str, Any] = json.loads(body)
        return request

    def others(self) -> list[Task]:
        """The processes that it was not given, and that stand at a call."""
        return [task for task in self._held if task not in self._ours]

    def release(self, task: Task, operation: str, fault: str = "") -> None:
        """Let the call take place, with a fault, and the process run to its next call or its end.

        NotAsInTheModel if it stands at another call.
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
            self._held.pop(call.task, None)  # also of a task that was killed here
        return _answer(call, fault, proceed)


def _attempt(call: Call) -> int:
    """Which attempt of the SDK's a request is."""
    header = call.request.headers.get("amz-sdk-request", b"attempt=1")
    found = _ATTEMPT.search(header if isinstance(header, bytes) else header.encode())
    return int(found[1]) if found else 1


def _answer(call: Call, fault: str, proceed: Callable[[], Any]) -> Any:
    """What the first attempt comes to."""
    if fault == REFUSED:
        raise ConnectionClosedError(endpoint_url=call.request.url)
    answer = proceed()
    if fault == REPEATED and call.caller.startswith(MACHINE):
        return proceed()  # its own client tries once
    if fault == KILLED:
        call.task.kill()
    if fault in {LOST, REPEATED}:
        raise ConnectionClosedError(endpoint_url=call.request.url)
    return _just_before(call, answer) if fault == STALE else answer


def _again(call: Call, fault: str, proceed: Callable[[], Any]) -> Any:
    """What the SDK's own further attempts come to."""
    if fault == REPEATED:
        return proceed()
    raise ConnectionClosedError(endpoint_url=call.request.url)


def _just_before(call: Call, answer: AWSResponse) -> AWSResponse:
    """What DescribeExecution said before the run began, or before it ended."""
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
