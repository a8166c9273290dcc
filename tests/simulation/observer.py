"""Records what really happens in a world, independently of the product and of faults."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from codepipeline_sandbox.awslambda.errors import CannotInvoke
from codepipeline_sandbox.faults.names import by_service_id
from codepipeline_sandbox.kernel.protocols import MACHINE as STATE_MACHINE
from tests.simulation.sites import MACHINE

if TYPE_CHECKING:
    from codepipeline_sandbox.awslambda.function import Function
    from codepipeline_sandbox.awslambda.functions import Done
    from codepipeline_sandbox.cloud import Cloud
    from codepipeline_sandbox.faults import Strike
    from codepipeline_sandbox.kernel.protocols import Call
    from codepipeline_sandbox.kernel.world import Promise

STATUSES = {"STARTED": "InProgress", "RESUMED": "InProgress", "CANCELED": "Cancelled"}
GOING_ON = {"InProgress", "Stopping"}
_STATE_CHANGE = "CodePipeline Pipeline Execution State Change"
_EFFECTS = re.compile(r"Start|Stop|Retry|PutJob|SendTask|Assume")
_LOGICAL = re.compile(r"^orchestrator-(\w+?)Function-\w+$")
_FILING = "SET #job = :job, #n = :n"
_ROUNDED = 0.01  # seconds; histories round times to milliseconds
_REFUSED = 300  # the lowest HTTP status of a refusal


@dataclass(frozen=True)
class Effect:
    """A function's call that reached its service."""

    time: float
    function: str  # the name in the template, without `Function`
    operation: str
    accepted: bool
    body: Mapping[str, Any]


@dataclass(frozen=True)
class Filed:
    """A job that was filed in the jobs table for its run to answer."""

    time: float
    run: str  # the run's name
    job: str


@dataclass
class Invocation:
    time: float
    function: str
    payload: str
    ended: float | None = None
    clean: bool = False  # whether it finished without an error


@dataclass(frozen=True)
class Told:
    """An event that a service put on a bus, whether or not it was delivered."""

    time: float
    document: Mapping[str, Any]


@dataclass
class Past:
    """A target execution's statuses over time, and who started the execution."""

    pipeline: str
    account: str
    trigger: str
    version: int  # the version of the pipeline's definition
    changes: list[tuple[float, str]] = field(default_factory=list)

    @property
    def began(self) -> float:
        """When the execution started, in epoch seconds."""
        return self.changes[0][0]

    @property
    def ended(self) -> float:
        """When the execution entered its current status, in epoch seconds."""
        return self.changes[-1][0]

    def during(self, begin: float, end: float) -> set[str]:
        """The statuses that the execution had between these times, in epoch seconds."""
        begin, end = begin - _ROUNDED, end + _ROUNDED
        early = [status for at, status in self.changes if at <= begin]
        return {*early[-1:], *(status for at, status in self.changes if begin < at <= end)}


class Observer:
    """Records what happens in a cloud.

    The observer must be created before the first fault is added.
    """

    def __init__(self, cloud: Cloud) -> None:
        self.effects: list[Effect] = []
        self.events: list[Told] = []
        self.filed: list[Filed] = []
        # Pairs of a function and an operation that it has called.
        self.reached: set[tuple[str, str]] = set()
        self.invocations: list[Invocation] = []
        self.pasts: dict[str, Past] = {}
        self.queued: list[Invocation] = []  # asynchronous invocations as they are queued
        self.said: list[tuple[float, str]] = []  # what the simulated people did
        self._cloud = cloud
        cloud.events.watch(self._change)
        cloud.interceptors.append(self._call)
        self._run, cloud.functions.run = cloud.functions.run, self._invoked  # type: ignore[method-assign]
        self._put, cloud.functions.invoke_async = cloud.functions.invoke_async, self._asked  # type: ignore[method-assign]

    @property
    def now(self) -> float:
        """The world's time in epoch seconds."""
        return self._cloud.world.now

    @property
    def faults(self) -> list[Strike]:
        return self._cloud.faults.log

    def going_on(self, account: str, pipeline: str, begin: float, end: float) -> list[str]:
        """The pipeline's executions that were in progress for this entire period."""
        return [
            each
            for each, past in self.pasts.items()
            if (past.account, past.pipeline) == (account, pipeline)
            and past.changes[0][0] <= begin
            and past.during(begin, end) <= GOING_ON
        ]

    def struck(self, function: str, begin: float, end: float) -> bool:
        """Whether a fault struck a function or one of its calls between these times."""
        return any(
            begin - _ROUNDED <= strike.time <= end + _ROUNDED
            and logical(strike.function) == function
            for strike in self.faults
        )

    def trouble(self, begin: float, end: float, kind: str = "*") -> bool:
        """Whether any fault, or a fault of this kind, struck between these times.

        Faults in target events are ignored because they only cause delays.
        """
        return any(
            begin - _ROUNDED <= strike.time <= end + _ROUNDED
            and kind in {"*", strike.kind}
            and not is_of_target_event(strike)
            for strike in self.faults
        )

    def delayed(self, function: str, begin: float, end: float) -> bool:
        """Whether an event for a function was delayed or failed between these times."""
        return any(
            begin <= strike.time <= end
            and strike.what.startswith("invocation")
            and logical(strike.function) == function
            for strike in self.faults
        )

    def _change(self, event: Mapping[str, Any]) -> None:
        self.events.append(Told(self.now, event))
        if event["detail-type"] != _STATE_CHANGE:
            return
        detail = event["detail"]
        execution, state = detail["execution-id"], detail["state"]
        if state == "STARTED":
            trigger = str(detail["execution-trigger"]["trigger-detail"])
            version = int(detail["version"])
            self.pasts[execution] = Past(detail["pipeline"], event["account"], trigger, version)
        status = STATUSES.get(state, state.capitalize())
        self.pasts[execution].changes.append((self.now, status))

    def _call(self, call: Call, proceed: Callable[[], Any]) -> Any:
        function = logical(call.caller)
        self.reached.add((function, f"{by_service_id(call.service)}:{call.operation}"))
        answer = proceed()
        if call.operation == "UpdateItem" and answer.status_code < _REFUSED:
            self._note_filing(_body(call.request.body))
        if _EFFECTS.search(call.operation):
            accepted = answer.status_code < _REFUSED
            body = _body(call.request.body)
            self.effects.append(Effect(self.now, function, call.operation, accepted, body))
        return answer

    def _note_filing(self, body: Mapping[str, Any]) -> None:
        if str(body.get("UpdateExpression")).startswith(_FILING):
            run, job = body["Key"]["run"]["S"], body["ExpressionAttributeValues"][":job"]["S"]
            self.filed.append(Filed(self.now, run, job))

    def _invoked(
        self, function: Function, payload: str, request_id: str | None = None
    ) -> Promise[Done]:
        one = Invocation(self.now, logical(str(function.function_name)), payload)
        self.invocations.append(one)
        promise = self._run(function, payload, request_id)

        def ended() -> None:
            one.ended = self.now
            with suppress(CannotInvoke):
                one.clean = promise.result().invocation.error is None

        promise.then(ended)
        return promise

    def _asked(self, function_arn: str, payload: str) -> None:
        self.queued.append(Invocation(self.now, logical(function_arn.split(":")[6]), payload))
        self._put(function_arn, payload)


def is_of_target_event(strike: Strike) -> bool:
    return " aws.codepipeline" in strike.what


@cache
def logical(function_name: str) -> str:
    """The function's name in the template, without `Function`.

    The state machine is named `StateMachine`. Any other name is returned unchanged.
    """
    if function_name.startswith(STATE_MACHINE):
        return MACHINE
    found = _LOGICAL.match(function_name)
    return found[1] if found else function_name


def _body(body: Any) -> Mapping[str, Any]:
    text = body.decode() if isinstance(body, bytes) else str(body or "")
    try:
        document = json.loads(text)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}
