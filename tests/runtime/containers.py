"""Containers that also run a function in a separate process to compare it with the sandbox."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from codepipeline_sandbox.awslambda.container import Container
from codepipeline_sandbox.kernel.protocols import Invocation
from playground.runtime_emulator.emulator import Emulator

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from codepipeline_sandbox.awslambda.function import Function
    from codepipeline_sandbox.awslambda.package import DeploymentPackage
    from playground.runtime_emulator.endpoint import Call, Endpoint


@dataclass(frozen=True)
class Delivery:
    function: str  # the name of the function's module
    event: Any
    answer: Any  # the separate process's answer
    expected: Any  # this process's answer to the same event
    calls: Sequence[Call]
    pydantic: bool  # whether the separate process had loaded pydantic


@dataclass
class Emulation:
    endpoint: Endpoint
    directory: Path  # the directory for the logs
    deliveries: list[Delivery] = field(default_factory=list)
    emulators: list[tuple[str, Emulator]] = field(default_factory=list)

    def container(self, *args: Any, **more: Any) -> EmulatedContainer:
        return EmulatedContainer(self, *args, **more)

    def start(self, handler: str, code: Path, environment: Mapping[str, str]) -> Emulator:
        emulator = Emulator(
            handler,
            code=code,
            environment=environment,
            endpoint=self.endpoint,
            log=self.directory / f"{len(self.emulators)}.log",
        )
        self.emulators.append((handler.partition(".")[0], emulator))
        return emulator

    def close(self) -> None:
        for _, emulator in self.emulators:
            emulator.close()


class EmulatedContainer(Container):
    """Sends each event to a separate process first, and then to the function in this process.

    As on AWS, handlers must tolerate repeated events. Only the function in this process knows the
    virtual time, so the sandbox uses only its answer. The tests compare both answers.
    """

    def __init__(
        self,
        emulation: Emulation,
        function: Function,
        package: DeploymentPackage,
        *,
        environment: Mapping[str, str],
        **more: Any,
    ) -> None:
        super().__init__(function, package, environment=environment, **more)
        self._emulation = emulation
        self._in_process = False
        self._name = str(function.handler).partition(".")[0]
        self._emulator = emulation.start(str(function.handler), package.root, environment)

    def enter(self) -> None:
        if self._in_process:
            super().enter()

    def leave(self) -> None:
        if self._in_process:
            super().leave()

    def handle(self, payload: str, request_id: str, deadline: float) -> Invocation:
        calls = self._emulation.endpoint.calls
        before = len(calls)
        answer = self._emulator.invoke(payload)
        made = calls[before:]
        # A repeated renewal would find the job already answered. A repeated wake would count the
        # event twice.
        once = '"RenewJob"' in payload or self._name == "wake"
        expected = answer if once else self._handle_here(payload, request_id, deadline)
        delivery = Delivery(
            function=self._name,
            event=json.loads(payload),
            answer=json.loads(answer),
            calls=made,
            pydantic=self._emulator.has_loaded("pydantic_core"),
            expected=json.loads(expected),
        )
        self._emulation.deliveries.append(delivery)
        return Invocation(expected, "Unhandled" if failed(delivery.expected) else None)

    def _handle_here(self, payload: str, request_id: str, deadline: float) -> str:
        self._in_process = True
        self.enter()
        try:
            return super().handle(payload, request_id, deadline).payload
        finally:
            self.leave()
            self._in_process = False


def failed(answer: Any) -> bool:
    """Return whether the function raised an error. The emulator itself does not report this."""
    return isinstance(answer, dict) and "errorType" in answer
