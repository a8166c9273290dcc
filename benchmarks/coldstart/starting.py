"""Measure a cold start: a new process under Lambda's emulator, up to its first response."""

from __future__ import annotations

import json
import re
import time
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from playground.runtime_emulator.emulator import Emulator

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from benchmarks.coldstart.recording import Delivery
    from benchmarks.coldstart.stub import Stub
    from playground.runtime_emulator.endpoint import Endpoint

_INIT = re.compile(r"INIT REPORT\(durationMs: ([\d.]+)\)")


class UnlikeLambda(Exception):
    """The function did not behave as on Lambda, so the measurement is invalid."""


@dataclass(frozen=True)
class Start:
    """The time and memory that one cold start took."""

    first_ms: float  # from the start of the runtime to the response
    init_ms: float  # the part of first_ms before the handler was loaded
    cpu_ms: float  # CPU time of the entire start
    peak_mb: float


class Starter:
    """Starts functions against a stub that responds to their AWS calls."""

    def __init__(self, stub: Stub, endpoint: Endpoint, directory: Path) -> None:
        self._stub = stub
        self._endpoint = endpoint
        self._directory = directory
        self._number = 0

    def ours(self, delivery: Delivery) -> Start:
        """Start the function with the event that it received in the sandbox."""
        return self._start(delivery.handler, delivery.code, delivery.event, delivery)

    def bare(self, delivery: Delivery, code: Path) -> Start:
        """Start the bare handler, which makes the same calls."""
        calls = [each.call() for each in delivery.exchanges]
        return self._start("bare.handler", code, {"calls": calls}, delivery)

    def _start(self, handler: str, code: Path, event: Any, delivery: Delivery) -> Start:
        self._stub.expect(delivery.exchanges)
        self._number += 1
        log = self._directory / f"{self._number}.log"
        emulator = Emulator(
            handler,
            code=code,
            environment=_as_on_lambda(delivery.environment, handler),
            endpoint=self._endpoint,
            log=log,
        )
        with closing(emulator):
            payload = json.dumps(event)
            begin = time.perf_counter()
            answer = json.loads(emulator.invoke(payload))  # The first event starts the runtime.
            took = time.perf_counter() - begin
            cpu, peak = emulator.cpu_seconds(), emulator.peak_megabytes()
        if self._stub.missed or (isinstance(answer, dict) and "errorType" in answer):
            raise UnlikeLambda(
                f"{handler}: {answer}; not called: {self._stub.missed}\n{emulator.log}"
            )
        return Start(took * 1_000, _init_ms(emulator.log), cpu * 1_000, peak)


def _as_on_lambda(environment: Mapping[str, str], handler: str) -> dict[str, str]:
    """On Lambda, a function's code is read-only and not compiled."""
    return {**environment, "_HANDLER": handler, "PYTHONDONTWRITEBYTECODE": "1"}


def _init_ms(log: str) -> float:
    found = _INIT.search(log)
    if found is None:
        raise UnlikeLambda(f"the emulator did not report how long INIT took:\n{log}")
    return float(found[1])
