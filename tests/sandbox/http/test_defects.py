"""When the sandbox has a defect, the server prints the error and continues."""

from __future__ import annotations

import asyncio
import signal
import socket
from typing import TYPE_CHECKING

from codepipeline_sandbox.http.clock import Clock
from codepipeline_sandbox.http.server import Server
from codepipeline_sandbox.kernel.world import World

if TYPE_CHECKING:
    import pytest


def test_an_error_in_the_world_is_printed_and_the_world_continues(
    capsys: pytest.CaptureFixture[str],
) -> None:
    world = World()

    def break_down() -> None:
        raise KeyError("a defect")

    world.after(0, break_down)
    world.after(1, lambda: signal.raise_signal(signal.SIGTERM))

    with socket.create_server(("127.0.0.1", 0)) as port:
        asyncio.run(Server(Clock(world, speed=1000), lambda: None).run(port))

    assert "KeyError: 'a defect'" in capsys.readouterr().err
