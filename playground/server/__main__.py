"""Serve the sandbox on a local port, in real time or faster."""

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

from playground.own_settings import ignore_own_settings
from playground.program import program
from playground.scenarios.loading import names
from playground.scenarios.mistakes import ScenarioMistakes
from playground.server import scene

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from playground.scenarios.model import Scenario
    from playground.scenarios.play import Play

_PORT = 4566
_HIGHEST_PORT = 65_535
_MISTAKEN = 2


@program
def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until Ctrl-C (or SIGTERM) and return the exit status."""
    options = _options(arguments)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        # The scenario and the port are checked before the slow imports, so that mistakes are
        # reported immediately.
        served = scene.scenario(options.scenario, empty=options.empty)
        with _listening(options.host, options.port) as port:
            _print("Starting the sandbox. This takes a few seconds.\n")
            _serve(port, options, served)
    except ScenarioMistakes as error:
        print(error, file=sys.stderr)  # noqa: T201 - command-line output
        return _MISTAKEN
    except _NoPort as error:
        print(error, file=sys.stderr)  # noqa: T201 - command-line output
        return 1
    except KeyboardInterrupt:
        pass  # interrupted during startup
    _print("\nThe sandbox has stopped. Its data is gone.")
    return 0


class _NoPort(Exception):
    """The port cannot be used. The message explains what to do."""


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m playground.server", description=__doc__)
    parser.add_argument(
        "--port",
        type=int,
        default=_PORT,
        help="port to listen on; 0 picks any free port (default: %(default)s)",
    )
    parser.add_argument(
        "--host",
        default="127.0.0.1",
        help="address to listen on; keep it local because clients can run code "
        "(default: %(default)s)",
    )
    parser.add_argument(
        "--speed",
        type=float,
        default=1.0,
        help="simulated seconds per real second (default: %(default)g)",
    )
    parser.add_argument(
        "--seed", type=int, help="seed for the random IDs (default: the scenario's, or 0)"
    )
    pipelines = parser.add_mutually_exclusive_group()
    pipelines.add_argument(
        "--empty", action="store_true", help="deploy the product, but no pipelines"
    )
    pipelines.add_argument(
        "--scenario", help=f"scenario to serve: a file, or one of {', '.join(names())}"
    )
    options = parser.parse_args(arguments)
    if not (0 < options.speed < math.inf):
        parser.error("--speed must be greater than 0")
    if not 0 <= options.port <= _HIGHEST_PORT:
        parser.error(f"--port must be between 0 and {_HIGHEST_PORT}")
    return options


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise _NoPort(
                f"Port {port} on {host} is in use. Is another sandbox running? To use any free "
                'port: make sandbox ARGS="--port 0"'
            ) from error
        raise _NoPort(f"Port {port} on {host} cannot be used: {error.strerror}.") from error


def _serve(port: socket.socket, options: argparse.Namespace, served: Scenario) -> None:
    # Imported here because these imports take seconds.
    from codepipeline_sandbox.http.clock import Clock  # noqa: PLC0415
    from codepipeline_sandbox.http.server import Server  # noqa: PLC0415
    from playground.scenarios.play import cloud_for, play  # noqa: PLC0415
    from playground.server import commands  # noqa: PLC0415

    with cloud_for(served, options.seed, start=datetime.now(UTC)) as cloud:
        played = play(served, cloud, with_product=True)
        scene.behave_as_on_aws(served)
        url = _url(options.host, port.getsockname()[1])
        _print(commands.introduction(played, url, options.speed))
        server = Server(Clock(cloud.world, options.speed), _teller(played))
        asyncio.run(server.run(port))


def _url(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _teller(played: Play) -> Callable[[], None]:
    from playground.scenarios.telling import Teller  # noqa: PLC0415 - slow to import

    teller = Teller(played)

    def tell() -> None:
        for line in teller.news():
            _print(line)

    return tell


def _print(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - command-line output


if __name__ == "__main__":
    ignore_own_settings()
    sys.exit(main())
