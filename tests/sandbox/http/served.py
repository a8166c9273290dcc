"""Starts the server in its own process, as `make sandbox` does, and makes clients for it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[3]
SPEED = 2_000  # 5 simulated minutes take 0.15 seconds
# The user's own settings, which the server ignores.
WRONG = {"AWS_PROFILE": "nonexistent", "AWS_ENDPOINT_URL": "nowhere", "AWS_MAX_ATTEMPTS": "many"}
LONGEST = 120  # seconds, enough even for a busy machine


@dataclass(frozen=True)
class Served:
    process: subprocess.Popen[str]
    introduction: str
    port: int

    def client(self, service: str, account: str = "111122223333") -> Any:
        return boto3.client(
            service,  # type: ignore[call-overload] # any service
            endpoint_url=f"http://127.0.0.1:{self.port}",
            region_name="eu-west-1",
            aws_access_key_id=f"AKIA{account}ROOT",
            aws_secret_access_key="administrator",
        )

    def commands(self, start: str) -> list[str]:
        return re.findall(f"^{start}.*", self.introduction, re.MULTILINE)


@contextmanager
def serving() -> Iterator[Served]:
    """Serve the default scenario, then check that the server stops properly."""
    process = subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-m", "playground.server", "--port", "0", "--speed", str(SPEED)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, **WRONG},
    )
    with process:
        assert process.stdout is not None
        lines: list[str] = []
        while not lines or not lines[-1].startswith("pipeline-run list"):
            line = process.stdout.readline()
            assert line, f"the server ended: {''.join(lines)}"
            lines.append(line)
        introduction = "".join(lines)
        port = re.search(r"http://127\.0\.0\.1:(\d+)", introduction)
        assert port
        yield Served(process, introduction, int(port[1]))
        process.terminate()
        rest, _ = process.communicate()
    assert process.returncode == 0, rest
    assert "Traceback" not in rest
    assert rest.endswith("The sandbox has stopped. Its data is gone.\n")


def until(expected: set[str], look: Any) -> str:
    latest = time.monotonic() + LONGEST
    while time.monotonic() < latest:
        status = str(look())
        if status in expected:
            return status
    raise AssertionError(f"still {status}")


def shell(served: Served, script: str) -> subprocess.CompletedProcess[str]:
    settings = "\n".join([*served.commands("unset"), *served.commands("export")])
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return subprocess.run(  # noqa: S603 - commands of our own program
        ["/bin/bash", "-euc", f"{settings}\n{script}"],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": path, "HOME": "/nonexistent"},
    )


def run(served: Served, script: str) -> str:
    done = shell(served, script)
    assert done.returncode == 0, done.stderr
    return done.stdout
