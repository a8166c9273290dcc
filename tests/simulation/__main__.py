"""Simulate random worlds in parallel and report broken promises (the soak test).

Each broken promise is shown with the command that replays its world. With --seed, one world is
replayed and everything that happens in it is printed. The exit status is 1 if a promise is broken
or the soak test is interrupted. An interrupted soak test prints its results so far.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from statistics import median, quantiles

from tests.simulation import coverage, safeguards, warm
from tests.simulation.events import SETTINGS, Events
from tests.simulation.playing import Wanted, play, played
from tests.simulation.simulation import Report
from tests.simulation.sites import Point

_LEAST = 20  # how many faults should have struck each point after thousands of worlds
_TELL_EVERY = 10.0  # seconds between progress lines
_ALL, _TURNS = "all", "turns"


def main() -> int:
    asked = _arguments()
    if asked.seed is not None:
        return _replay(asked)
    begun = time.monotonic()
    reports = _Reports()
    worlds = [
        Wanted(seed, events, asked.without)
        for seed in range(asked.first, asked.first + asked.seeds)
        for events in _settings(asked.events, seed)
    ]
    try:
        _soak(worlds, asked, reports)
    except KeyboardInterrupt:
        _tell("Interrupted. Results so far:")
    if reports.seconds:
        _tell_all(reports, time.monotonic() - begun)
    return 1 if reports.failed or len(reports.seconds) < len(worlds) else 0


class _Reports:
    def __init__(self) -> None:
        self.seconds: list[float] = []
        self.strikes: Counter[Point] = Counter()
        self.failed = 0

    def add(self, report: Report) -> None:
        self.seconds.append(report.seconds)
        self.strikes.update(report.strikes)
        self.failed += bool(report.violations)


def _soak(worlds: Sequence[Wanted], asked: argparse.Namespace, reports: _Reports) -> None:
    begun = told = time.monotonic()
    for report in played(worlds, asked.jobs):
        reports.add(report)
        for line in _failure(report, asked.without):
            _tell(line)
        if time.monotonic() - told > _TELL_EVERY:
            told = time.monotonic()
            _tell(_progress(len(reports.seconds), len(worlds), told - begun, reports.failed))


def _replay(asked: argparse.Namespace) -> int:
    warm.up()
    failed = False
    for events in _settings(asked.events, asked.seed):
        report = play(Wanted(asked.seed, events, asked.without), traced=True)
        for line in (*report.trace, *_failure(report, asked.without)):
            _tell(line)
        _tell(f"{report.seconds:.1f} s, {len(report.violations)} violations")
        failed = failed or bool(report.violations)
    return 1 if failed else 0


def _settings(asked: str, seed: int) -> Sequence[Events]:
    match asked:
        case "all":
            return SETTINGS
        case "turns":
            return (SETTINGS[seed % len(SETTINGS)],)
    return [each for each in SETTINGS if each == asked]


def _failure(report: Report, without: str) -> Iterator[str]:
    for violation in report.violations:
        yield f"{report.replay(without)}  # {violation[:600]}"


def _progress(done: int, of: int, seconds: float, failed: int) -> str:
    left = seconds / done * (of - done)
    return f"{done} of {of} worlds, {failed} failed, {left / 60:.1f} minutes left"


def _tell_all(reports: _Reports, seconds: float) -> None:
    for line in coverage.table(reports.strikes, least=_LEAST):
        _tell(line)
    times = sorted(reports.seconds)
    late = quantiles(times, n=20)[-1] if times[1:] else times[0]
    _tell(f"{len(times)} worlds in {seconds / 60:.1f} minutes, {reports.failed} failed")
    _tell(f"seconds per world: median {median(times):.2f}, p95 {late:.2f}, max {times[-1]:.2f}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, prog="make soak")
    parser.add_argument(
        "--seeds", type=int, default=200, help="number of seeds (default: %(default)s)"
    )
    parser.add_argument(
        "--from", dest="first", type=int, default=0, help="first seed (%(default)s)"
    )
    parser.add_argument(
        "--seed", type=int, help="replay this seed and print everything that happens"
    )
    parser.add_argument(
        "--events",
        choices=[_TURNS, _ALL, *SETTINGS],
        default=_TURNS,
        help="how targets' events are delivered; by default, each seed uses a different setting",
    )
    parser.add_argument(
        "--without",
        default="",
        choices=["", *safeguards.NAMES],
        help="safeguard to switch off",
    )
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="number of processes")
    return parser.parse_args()


def _tell(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - command-line output


if __name__ == "__main__":
    sys.exit(main())
