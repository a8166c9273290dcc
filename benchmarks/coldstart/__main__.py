"""Measure the cold start of every function against a bare handler: `make bench-coldstart`.

The bare handler makes the same AWS calls with only boto3. Starts of the two alternate, so that
other load on the machine affects both. The results are medians.
"""

from __future__ import annotations

import argparse
import compileall
import sys
import tempfile
from contextlib import closing
from pathlib import Path

from benchmarks.coldstart.cases import Case, cases
from benchmarks.coldstart.figures import is_good, rows, table, write
from benchmarks.coldstart.starting import Start, Starter
from benchmarks.coldstart.stories import deliveries
from benchmarks.coldstart.stub import Stub
from playground.runtime_emulator.emulator import PYTHON
from playground.runtime_emulator.endpoint import Endpoint

RESULT = Path(__file__).parents[1] / "results" / "coldstart.json"
BARE = Path(__file__).parent / "bare"


def main() -> int:
    """Measure, print the table, write it, and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, prog="make bench-coldstart")
    parser.add_argument(
        "--starts",
        type=int,
        default=20,
        help="how many times to start each function and its baseline",
    )
    parser.add_argument(
        "--only", nargs="*", help="measure only these functions, and do not write the results"
    )
    options = parser.parse_args()
    # On Lambda, libraries are already compiled. Here, the first start would compile them.
    compileall.compile_dir(next(PYTHON.parents[1].glob("lib/python*/site-packages")), quiet=2)
    measured = [
        each for each in cases(deliveries()) if not options.only or each.name in options.only
    ]
    result = rows(measure(measured, options.starts))
    sys.stdout.write(table(result))
    if not options.only:
        write(result, RESULT)
    return 0 if is_good(result) else 1


def measure(measured: list[Case], starts: int) -> list[tuple[Case, list[Start], list[Start]]]:
    """Start each function and its baseline in turn, one round after another."""
    found: list[tuple[Case, list[Start], list[Start]]] = [(case, [], []) for case in measured]
    stub = Stub()
    with tempfile.TemporaryDirectory() as directory, closing(Endpoint(stub)) as endpoint:
        starter = Starter(stub, endpoint, Path(directory))
        for _ in range(starts):
            for case, ours, bare in found:
                ours.append(starter.ours(case.delivery))
                bare.append(starter.bare(case.delivery, BARE))
    return found


if __name__ == "__main__":
    raise SystemExit(main())
