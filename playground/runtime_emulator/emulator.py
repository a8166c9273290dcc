"""Runs a function in real processes: Lambda's emulator and a Python runtime.

https://github.com/aws/aws-lambda-runtime-interface-emulator
"""

from __future__ import annotations

import http.client
import os
import platform
import re
import secrets
import signal
import socket
import subprocess
import time
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from playground.runtime_emulator.endpoint import Endpoint

ROOT = Path(__file__).parents[2]
PYTHON = ROOT / ".venv-runtime" / "bin" / "python"

_MACHINES = {"x86_64": "x86_64", "aarch64": "arm64"}
_INVOKE = "/2015-03-31/functions/function/invocations"
_HOST = "127.0.0.1"
_PORTS = (10_000, 32_000)  # below the range that the system uses for outgoing connections
_START_SECONDS = 20
_INVOKE_SECONDS = 50  # 30 seconds for the function, and the rest for starting Python
_PEAK = re.compile(r"^VmHWM:\s*(\d+) kB$", re.MULTILINE)
_STARTS = 3  # Another process may take the port before the emulator does.


class EmulatorFailed(Exception):
    """The emulator is missing or does not work, for reasons outside the function."""


def binary() -> Path:
    """Find the emulator, which is part of the SAM CLI package."""
    if platform.system() != "Linux" or platform.machine() not in _MACHINES:
        raise EmulatorFailed("Lambda's runtime emulator runs on Linux, x86_64 or aarch64")
    name = f"aws-lambda-rie-{_MACHINES[platform.machine()]}"
    found = list(ROOT.glob(f".venv-sam/lib/python*/site-packages/samcli/local/rapid/{name}"))
    if not found or not PYTHON.exists():
        raise EmulatorFailed(
            "the emulator and the runtime are not installed. Run make test-runtime"
        )
    return found[0]


class Emulator:
    """One execution environment, which is cold at first and must be closed."""

    def __init__(
        self,
        handler: str,
        *,
        code: Path,
        environment: Mapping[str, str],
        endpoint: Endpoint,
        log: Path,
    ) -> None:
        self.pids: set[int] = set()  # the IDs of all processes seen so far
        self._endpoint = endpoint
        self._log = log
        self._command = [str(PYTHON), "-m", "awslambdaric", handler]
        self._code = code
        self._environment = {
            **environment,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_ENDPOINT_URL": endpoint.url,
        }
        self._process, self._port = self._start()

    @property
    def log(self) -> str:
        """The combined output of the emulator and the function."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    def invoke(self, payload: str) -> str:
        """Return the function's response to the event. Answers its AWS calls in the meantime."""
        connection = http.client.HTTPConnection(_HOST, self._port, timeout=_INVOKE_SECONDS)
        try:
            with closing(connection):
                connection.request("POST", _INVOKE, payload.encode())
                self._endpoint.serve_until_readable(connection.sock, seconds=_INVOKE_SECONDS)
                with connection.getresponse() as response:
                    answer = response.read().decode()
        except OSError as error:
            raise self._failed("does not answer") from error
        if not answer:  # Python did not start.
            raise self._failed("has no answer")
        return answer

    def has_loaded(self, library: str) -> bool:
        """Whether the function's process has loaded a native library with this text in its path."""
        return any(
            library in Path(f"/proc/{pid}/maps").read_text(encoding="utf-8")
            for pid in self._runtimes()
        )

    def cpu_seconds(self) -> float:
        """Measure the processor time that the function's process has used."""
        stats = [Path(f"/proc/{pid}/stat").read_text() for pid in self._runtimes()]
        ticks = [sum(map(int, stat.rpartition(")")[2].split()[11:13])) for stat in stats]
        return sum(ticks) / os.sysconf("SC_CLK_TCK")

    def peak_megabytes(self) -> float:
        """Measure the peak memory of the function's process."""
        statuses = [Path(f"/proc/{pid}/status").read_text() for pid in self._runtimes()]
        return max(int(_PEAK.search(status)[1]) for status in statuses) / 1_000  # type: ignore[index] # every process has one

    def close(self) -> None:
        """End the processes, including the function's, which is in a separate process group."""
        runtimes = self._runtimes()
        self._process.terminate()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for pid in runtimes:
            with suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)

    def _start(self) -> tuple[subprocess.Popen[bytes], int]:
        for _ in range(_STARTS):
            ports = _free_port(), _free_port()
            addresses = [
                f"--runtime-interface-emulator-address={_HOST}:{ports[0]}",
                f"--runtime-api-address={_HOST}:{ports[1]}",
            ]
            with self._log.open("ab") as log:
                process = subprocess.Popen(  # noqa: S603 - our own command
                    [str(binary()), *addresses, *self._command],
                    cwd=self._code,
                    env=self._environment,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                )
            self.pids.add(process.pid)
            if all(_listens(process, port) for port in ports):
                return process, ports[0]
            process.kill()
            process.wait()
        raise self._failed("does not start")

    def _runtimes(self) -> list[int]:
        lists = Path(f"/proc/{self._process.pid}/task").glob("*/children")
        runtimes = [int(pid) for children in lists for pid in children.read_text().split()]
        self.pids.update(runtimes)
        return runtimes

    def _failed(self, what: str) -> EmulatorFailed:
        return EmulatorFailed(f"the emulator {what}. Its log:\n{self.log}")


def _free_port() -> int:
    while True:
        port = _PORTS[0] + secrets.randbelow(_PORTS[1] - _PORTS[0])
        with socket.socket() as probe, suppress(OSError):
            probe.bind((_HOST, port))
            return port


def _listens(process: subprocess.Popen[bytes], port: int) -> bool:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(OSError), socket.create_connection((_HOST, port), timeout=1):
            return process.poll() is None
        time.sleep(0.01)
    return False
