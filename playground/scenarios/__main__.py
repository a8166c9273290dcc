"""Play a scenario and print what happens.

Exits with 0 if every act of the scenario could be performed, 1 if not, and 2 if the scenario is
invalid.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
from typing import TYPE_CHECKING

from playground.own_settings import ignore_own_settings
from playground.program import program
from playground.scenarios.loading import find, names
from playground.scenarios.mistakes import ScenarioMistakes

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from codepipeline_sandbox.kernel.world import World
    from playground.scenarios.model import Scenario

_DEFAULT = "demonstration"
_MISTAKEN = 2


@program
def main(arguments: Sequence[str] | None = None) -> int:
    """Play a scenario, print what happens and return the exit status."""
    options = _options(arguments)
    try:
        return _play(find(options.scenario), options.seed)
    except ScenarioMistakes as error:
        print(error, file=sys.stderr)  # noqa: T201 - command-line output
        return _MISTAKEN


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m playground.scenarios", description=__doc__)
    parser.add_argument(
        "scenario",
        nargs="?",
        default=_DEFAULT,
        help=f"a file, or one of {', '.join(names())} (default: %(default)s)",
    )
    parser.add_argument(
        "--seed", type=int, help="seed for the random IDs (default: the scenario's, or 0)"
    )
    return parser.parse_args(arguments)


def _play(scenario: Scenario, seed: int | None) -> int:
    # These imports take seconds, so mistakes in the scenario are reported first.
    from playground.scenarios.endings import endings, struck  # noqa: PLC0415
    from playground.scenarios.play import cloud_for, play  # noqa: PLC0415
    from playground.scenarios.telling import Teller  # noqa: PLC0415

    with cloud_for(scenario, seed) as cloud:
        played = play(scenario, cloud)
        until = None if scenario.lasts is None else played.began + scenario.lasts
        teller = Teller(played)
        _let_happen(cloud.world, until, lambda: _print(*teller.news()))
        if not scenario.happens:
            _print(f"Nothing happened: {scenario.file} has no 'happens'. Try `make sandbox`.")
        _print("", *endings(played), *struck(played))
        sys.stdout.flush()
        for wrong in (*played.refused, *played.missed):
            print(wrong, file=sys.stderr)  # noqa: T201 - command-line output
    return 1 if played.refused or played.missed else 0


def _let_happen(world: World, until: float | None, tell: Callable[[], None]) -> None:
    """Print everything as it happens, because some scenarios never end."""
    from codepipeline_sandbox.kernel.world import NothingLeftToDo  # noqa: PLC0415 - slow to import

    def ended() -> bool:
        tell()
        time = world.next_time()
        return until is not None and (time is None or time > until)

    with contextlib.suppress(NothingLeftToDo):
        world.run_until(ended)
    if until is not None:
        world.run(until=until)  # Only schedules can still fire after the last regular event.
        tell()


def _print(*lines: str) -> None:
    for line in lines:
        print(line)  # noqa: T201 - command-line output


if __name__ == "__main__":
    ignore_own_settings()
    sys.exit(main())
