"""Play the worlds, print the figures and check them against the limits: `make bench`."""

from __future__ import annotations

import argparse
import os
import platform
import sys
import time
from collections.abc import Callable, Collection

from benchmarks.waiting import figures, page, playing, results, table
from benchmarks.waiting.figures import Figures
from benchmarks.waiting.targets import targets
from benchmarks.waiting.worlds import WAITS, WORLDS, waits_of

_ALL = list(WORLDS), list(playing.POLICIES), WAITS


def main() -> int:
    """Run the benchmark and return the exit status, which is 1 if a limit is missed."""
    asked, begin = _arguments(), time.perf_counter()
    rows = _played(asked)
    if (asked.world, asked.policy, asked.waits) == _ALL:
        results.save(results.FIGURES, rows)
        page.write()
    found = targets(rows)
    _print("", *map(str, found), "", _machine(time.perf_counter() - begin))
    return 0 if all(target.reached for target in found) else 1


def _played(asked: argparse.Namespace) -> list[Figures]:
    rows: list[Figures] = []
    for world, measured in playing.play(asked.world, asked.policy, asked.waits, asked.jobs):
        waits = waits_of(world, asked.waits)
        found = [figures.figures(name, world, waits, each) for name, each in measured.items()]
        _print("", f"{world}: {len(waits)} waits, {figures.hours(waits):,.1f} hours")
        _print(*table.lines(found))
        if asked.details:
            for row in found:
                _print("", *figures.details(measured[row["policy"]]))
                _print(*(f"{name}: {value}" for name, value in row.items()))
        rows += found
    return rows


def _machine(seconds: float) -> str:
    return (
        f"{seconds:.0f} seconds with Python {platform.python_version()} on {os.cpu_count()} "
        f"processors, {platform.machine()}, {platform.system()}"
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m benchmarks.waiting")
    parser.add_argument(
        "--waits", type=int, default=WAITS, help="how many waits to play in each world"
    )
    parser.add_argument("--world", type=_some_of(WORLDS), default=_ALL[0], help="worlds, as a,b")
    parser.add_argument(
        "--policy", type=_some_of(playing.POLICIES), default=_ALL[1], help="policies, as a,b"
    )
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="how many processes")
    parser.add_argument(
        "--details", action="store_true", help="print which function makes which calls"
    )
    return parser.parse_args()


def _some_of(known: Collection[str]) -> Callable[[str], list[str]]:
    def read(text: str) -> list[str]:
        unknown = [name for name in text.split(",") if name not in known]
        if unknown:
            raise argparse.ArgumentTypeError(f"{unknown[0]} is not one of {', '.join(known)}")
        return text.split(",")

    return read


def _print(*lines: str) -> None:
    print("\n".join(lines), flush=True)  # noqa: T201 - a command-line program


if __name__ == "__main__":
    sys.exit(main())
