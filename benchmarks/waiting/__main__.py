"""`make bench`: plays the worlds, prints the figures, holds them to the targets."""

from __future__ import annotations

import argparse
import os
import sys
import time

from benchmarks.waiting import figures, playing, table
from benchmarks.waiting.worlds import WAITS, WORLDS, waits_of


def main() -> int:
    """The exit status: 1 if a target is missed."""
    asked = _arguments()
    begin = time.perf_counter()
    if asked.curve:
        for world in asked.world:
            _curve(world, asked.waits)
        return 0
    for world, results in playing.play(asked.world, asked.waits, asked.jobs):
        waits = waits_of(world, asked.waits)
        rows = [
            figures.figures(policy, world, waits, measured)
            for policy, measured in results.items()
            if policy in asked.policy
        ]
        _tell(f"\n{world}: {len(waits)} waits, {figures.hours(waits):,.1f} hours")
        _tell(*table.lines(rows))
        if asked.details:
            _tell(*figures.details(results[figures.OURS]), str(rows[0]))
    _tell(f"\n{time.perf_counter() - begin:.0f} seconds")
    return 0


def _curve(world: str, count: int) -> None:
    waits = waits_of(world, count)
    _tell(f"\n{world}: the least mean delay by the price of a poll (seconds of delay)")
    for price, measured in playing.curve(world, count):
        one = figures.figures(figures.BOUND, world, waits, measured)
        _tell(
            f"{price:8g}  {one['polls_per_wait']:8.2f} polls a wait  "
            f"{one['aws_calls_per_hour']:8.2f} an hour  {one['mean_delay_s']:8.2f} s"
        )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m benchmarks.waiting")
    parser.add_argument("--waits", type=int, default=WAITS, help="how many of each world")
    parser.add_argument("--world", type=_among(WORLDS), default=list(WORLDS), help="a,b")
    parser.add_argument("--policy", type=_among(playing.POLICIES), default=list(playing.POLICIES))
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="how many processes")
    parser.add_argument("--details", action="store_true", help="who makes which calls")
    parser.add_argument("--curve", action="store_true", help="only the bound, at several prices")
    return parser.parse_args()


def _among(known):
    def read(text: str) -> list[str]:
        names = text.split(",")
        unknown = [name for name in names if name not in known]
        if unknown:
            raise argparse.ArgumentTypeError(f"{unknown[0]} is none of {', '.join(known)}")
        return names

    return read


def _tell(*lines: str) -> None:
    print("\n".join(lines), flush=True)  # noqa: T201 - a program for people


if __name__ == "__main__":
    sys.exit(main())
