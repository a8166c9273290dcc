"""Run the demonstration.

Exits with 0 if everything ended as the script expects, and with 1 otherwise.
"""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING

from playground.own_settings import ignore_own_settings
from playground.program import program

if TYPE_CHECKING:
    from collections.abc import Sequence

    from playground.demo.lines import Lines
    from playground.demo.screen import Screen

_HEAD = """\
This demonstration runs on an embedded AWS with three accounts. A release waits
for another pipeline, then starts one that fails, and is retried. After that, a
schedule starts a run, and another run is started directly.
Deploying template.yaml. This takes a few seconds."""
_NEXT = "Next, start runs yourself with `make sandbox`. docs/getting-started.md shows how."
_SPEED = 280.0


@program
def main(arguments: Sequence[str] | None = None) -> int:
    """Show the demonstration and return the exit status."""
    options = _options(arguments)
    _print(_HEAD)
    status = _show(options)
    if status == 0:
        _print(_NEXT)
    return status


def _print(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - command-line output


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m playground.demo", description=__doc__)
    parser.add_argument(
        "--plain", action="store_true", help="print a log instead of a live display"
    )
    parser.add_argument(
        "--speed",
        type=float,
        default=_SPEED,
        help="simulated seconds per real second (default: %(default)g)",
    )
    parser.add_argument(
        "--seed", type=int, default=0, help="seed for the random IDs (default: %(default)s)"
    )
    options = parser.parse_args(arguments)
    if options.speed <= 0:
        parser.error("--speed must be greater than 0")
    return options


def _show(options: argparse.Namespace) -> int:
    # These imports take seconds, so the first output comes before them.
    from codepipeline_sandbox.cloud import Cloud  # noqa: PLC0415
    from playground.demo import checks, report, scene, story  # noqa: PLC0415
    from playground.demo.pace import Pace  # noqa: PLC0415
    from playground.demo.performance import Performance, Unfinished  # noqa: PLC0415

    plain = options.plain or not _is_terminal()
    audience = _lines() if plain else _screen()
    with Cloud(seed=options.seed) as cloud:
        performance = Performance(
            scene.build(cloud), audience, Pace(None if plain else options.speed)
        )
        company = performance.company
        try:
            ending = story.play(performance)
        except Unfinished as error:
            audience.end(f"Not as expected: {error}.", good=False)
            return 1
        finally:
            audience.close()
        made = checks.checks(company, performance.board, ending)
        headlines = [one for one in performance.entries if one.headline]
        audience.report(headlines, report.messages(company, ending))
    return _judge(audience, checks.differences(made), len(made))


def _judge(audience: Lines | Screen, differences: Sequence[str], made: int) -> int:
    for text in differences:
        audience.end(f"Not as expected: {text}.", good=False)
    if not differences:
        audience.end(f"Everything ended as expected ({made} checks).", good=True)
    return 1 if differences else 0


def _is_terminal() -> bool:
    return sys.stdout.isatty() and os.environ.get("TERM", "dumb") not in {"dumb", "unknown"}


def _lines() -> Lines:
    from playground.demo.lines import Lines  # noqa: PLC0415 - does not need rich

    return Lines(sys.stdout)


def _screen() -> Screen:
    from rich.console import Console  # noqa: PLC0415 - not needed for lines

    from playground.demo.screen import Screen  # noqa: PLC0415 - not needed for lines

    return Screen(Console(force_terminal=True, highlight=False))


if __name__ == "__main__":
    ignore_own_settings()
    sys.exit(main())
