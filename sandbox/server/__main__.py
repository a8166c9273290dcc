"""`python -m sandbox.server`: the sandbox on a local port, in real time or faster."""

from __future__ import annotations

import argparse
import asyncio
import errno
import math
import signal
import socket
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sandbox.scenarios.loading import names
from sandbox.scenarios.mistakes import ScenarioMistakes
from sandbox.server import scene

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sandbox.scenarios.model import Scenario
    from sandbox.scenarios.play import Play

_PORT = 4566
_HIGHEST_PORT = 65_535
_MISTAKEN = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until Ctrl-C (or SIGTERM) and return the exit status."""
    options = _options(arguments)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        # First of all: whoever has a mistake in a scenario, or no port, learns it at once.
        served = scene.scenario(options.scenario, empty=options.empty)
        with _listening(options.host, options.port) as port:
            _print("The sandbox starts; that takes some seconds.\n")
            _serve(port, options, served)
    except ScenarioMistakes as error:
        print(error, file=sys.stderr)  # noqa: T201 - a program for people
        return _MISTAKEN
    except _NoPort as error:
        print(error, file=sys.stderr)  # noqa: T201 - a program for people
        return 1
    except KeyboardInterrupt:
        pass  # while it was still starting
    _print("\nThe sandbox has ended; nothing of it is left.")
    return 0


class _NoPort(Exception):
    """The port cannot be listened to; the message says why and what to do."""


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sandbox.server", description=__doc__)
    parser.add_argument(
        "--port", type=int, default=_PORT, help="0 takes any that is free (%(default)s)"
    )
    parser.add_argument(
        "--host",
        default="127.0.0.1",
        help="whoever reaches the port can run code here, so keep it local (%(default)s)",
    )
    parser.add_argument(
        "--speed", type=float, default=1.0, help="the world's seconds in a second (%(default)g)"
    )
    parser.add_argument("--seed", type=int, help="other ids (the scenario's, or 0)")
    pipelines = parser.add_mutually_exclusive_group()
    pipelines.add_argument("--empty", action="store_true", help="the product, but no pipelines")
    pipelines.add_argument("--scenario", help=f"a file, or one of {', '.join(names())}")
    options = parser.parse_args(arguments)
    if not (0 < options.speed < math.inf):
        parser.error("--speed must be greater than 0")
    if not 0 <= options.port <= _HIGHEST_PORT:
        parser.error(f"--port must be 0 to {_HIGHEST_PORT}")
    return options


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise _NoPort(
                f"Port {port} of {host} is in use. Is another sandbox running? Choose another "
                "port with --port; 0 takes any that is free."
            ) from error
        raise _NoPort(f"Port {port} of {host} cannot be used: {error.strerror}.") from error


def _serve(port: socket.socket, options: argparse.Namespace, served: Scenario) -> None:
    # All this takes seconds to import.
    from sandbox.scenarios.play import cloud_for, play  # noqa: PLC0415
    from sandbox.server import commands  # noqa: PLC0415
    from sandbox.server.clock import Clock  # noqa: PLC0415
    from sandbox.server.server import Server  # noqa: PLC0415

    with cloud_for(served, options.seed, start=datetime.now(UTC)) as cloud:
        played = play(served, cloud, with_product=True)
        url = _url(options.host, port.getsockname()[1])
        _print(commands.introduction(played, url, options.speed))
        server = Server(Clock(cloud.world, options.speed), _teller(played))
        asyncio.run(server.run(port))


def _url(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _teller(played: Play) -> Callable[[], None]:
    """Prints what has happened since it was called last."""
    from sandbox.scenarios.telling import Teller  # noqa: PLC0415 - late, as above

    teller = Teller(played)

    def tell() -> None:
        for line in teller.news():
            _print(line)

    return tell


def _print(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - a program for people


if __name__ == "__main__":
    sys.exit(main())
