"""Generates `docs/outcomes.md`: the rows of each section, and the path of each scenario."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from playground.outcomes.paths import path as path_of
from playground.outcomes.row import FOLDER, row
from playground.outcomes.witness import witness

PAGE = FOLDER.with_suffix(".md")
SECTIONS: Mapping[str, tuple[str, str]] = {
    "ends": ("How a target ends", ""),
    "stages": (
        "Misleading stages",
        "A stage shows the last execution that entered it. The orchestrator ignores stage states.",
    ),
    "waits": ("Long waits", ""),
    "retries": ("Failures that may not be final", ""),
    "inputs": ("What an input can request", ""),
    "refused": ("What cannot be done", ""),
    "jobs": (
        "Early ends and forged events",
        "In each of these cases, the action receives the right answer.",
    ),
}
_INTRODUCTION = """\
# Outcomes

For each situation, this page lists what CodePipeline shows, what a run reports, and its message.
Each row is a scenario that was played through the deployed state machine in the sandbox. To watch
one step by step, use `make play SCENARIO=docs/outcomes/ends/failed.yaml`. `make generate` writes
this page.

The target's executions are numbered #1, #2 and so on in the order in which they start. The second
column shows how the status of the followed execution changes, and how all executions have ended.
Parentheses show what the execution is waiting for: an approval, a disabled transition, or another
execution. The message is the one that the action shows or, if the run was started directly, the one
in the result. (link) marks a link to the console.

The last column shows what aws-codepipeline-waiter would report, according to a model of its
published rule (`playground/outcomes/waiter_rule.py`). The waiter reads the stage states, and
compares each stage's execution ID with the first stage's. The waiter is right if it reports success
for an execution that succeeded, or failure for one that permanently ended in any other way. It
crashes if there are no stages or a stage has never run, so the action fails without a reason. It
hangs if it is still waiting after a day, or if nothing else can happen. CodePipeline then fails the
action itself.
"""
_COLUMNS = (
    "| situation | CodePipeline shows | outcome | message | aws-codepipeline-waiter |\n"
    "| --- | --- | --- | --- | --- |"
)
_WAYS = """\
## The path of each scenario

A path lists the policies in brackets, the visited states with the target's status, the end, and the
waiter's verdict. No two scenarios take the same path.

| scenario | path |
| --- | --- |"""


def files() -> list[Path]:
    """List the scenarios in the order of the page."""
    return [path for section in SECTIONS for path in sorted((FOLDER / section).glob("*.yaml"))]


def name(path: Path) -> str:
    """Return the name of a scenario, such as `ends/failed`."""
    return path.relative_to(FOLDER).with_suffix("").as_posix()


def lines(path: Path) -> tuple[str, str]:
    """Play a scenario, and format the row in its section and the row with its path."""
    played = witness(path)
    return row(path, played), way(path, path_of(played))


def way(path: Path, taken: str) -> str:
    """Format the row with the path of a scenario."""
    return f"| {name(path)} | {taken} |"


def page(pairs: Mapping[Path, tuple[str, str]]) -> str:
    """Build the page from the two rows of each scenario."""
    parts = [_INTRODUCTION]
    for section, (heading, introduction) in SECTIONS.items():
        rows = [pairs[path][0] for path in files() if path.parent.name == section]
        parts.append(_section(heading, introduction, rows))
    ways = [pairs[path][1] for path in files()]
    parts.append("\n".join([_WAYS, *ways]))
    return "\n".join(parts) + "\n"


def _section(heading: str, introduction: str, rows: Iterable[str]) -> str:
    above = f"{introduction}\n\n" if introduction else ""
    table = "\n".join([_COLUMNS, *rows])
    return f"## {heading}\n\n{above}{table}\n"


def text() -> str:
    """Play all scenarios and return the page. This takes half a minute."""
    return page({path: lines(path) for path in files()})
