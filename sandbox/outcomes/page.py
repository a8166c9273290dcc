"""`docs/outcomes.md`: the rows by sections, and the way that each scenario takes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from sandbox.outcomes.paths import path as path_of
from sandbox.outcomes.row import FOLDER, row
from sandbox.outcomes.witness import witness

PAGE = FOLDER.with_suffix(".md")
SECTIONS: Mapping[str, tuple[str, str]] = {
    "ends": ("How a target ends", ""),
    "stages": (
        "Stages that mislead",
        "Stages show whichever execution was in them last. They decide nothing here.",
    ),
    "waits": ("Long waits", ""),
    "retries": ("Failures that are not the end", ""),
    "asked": ("What an input can ask for", ""),
    "refused": ("What cannot be done", ""),
    "jobs": (
        "Actions, runs and functions that end early, and forgeries",
        "Whatever ends early, the action gets the right answer.",
    ),
}
_INTRODUCTION = """\
# Outcomes

Each situation, what CodePipeline shows, what a run reports, and its message. Each row is a
scenario, played through the deployed state machine in the sandbox. To see one step by step, use
`make play SCENARIO=docs/outcomes/ends/failed.yaml`. `make generate` writes this page.

The target's executions are #1, #2 and so on, in the order of their starts. The second column shows
how the status of the followed execution changes, in parentheses what it waits for (an approval, a
disabled transition, or another execution), and then all executions at the end. The message is that
of the action, or of the result if a run was started directly; (link) stands for a link to the
console.

The last column shows what aws-codepipeline-waiter would report, by a model of its published rule
(`sandbox/outcomes/waiter_rule.py`). It reads the states of the stages, and compares their execution
ids with the first stage's. It is right if it reports success of an execution that succeeded, and
failure of one that ended otherwise for good. It crashes if a stage has never run: the action fails
without a reason. It hangs if it still waits a day later, or when nothing is left to happen;
CodePipeline then fails the action itself.
"""
_COLUMNS = (
    "| situation | CodePipeline shows | we report | the message | the old waiter's rule |\n"
    "| --- | --- | --- | --- | --- |"
)
_WAYS = """\
## The way of each scenario

The policies in brackets, the states of the machine with the target's status in them, the end, and
what the waiter's rule makes of it. No two scenarios take the same way.

| scenario | way |
| --- | --- |"""


def files() -> list[Path]:
    """The scenarios in the order of the page."""
    return [path for section in SECTIONS for path in sorted((FOLDER / section).glob("*.yaml"))]


def name(path: Path) -> str:
    """How a scenario is called: `ends/failed`."""
    return path.relative_to(FOLDER).with_suffix("").as_posix()


def lines(path: Path) -> tuple[str, str]:
    """The scenario's row, and the row of its way."""
    played = witness(path)
    return row(path, played), way(path, path_of(played))


def way(path: Path, taken: str) -> str:
    """The row of the way that a scenario takes."""
    return f"| {name(path)} | {taken} |"


def page(told: Mapping[Path, tuple[str, str]]) -> str:
    """The whole page from the two rows of each scenario."""
    parts = [_INTRODUCTION]
    for section, (heading, introduction) in SECTIONS.items():
        rows = [told[path][0] for path in files() if path.parent.name == section]
        parts.append(_section(heading, introduction, rows))
    ways = [told[path][1] for path in files()]
    parts.append("\n".join([_WAYS, *ways]))
    return "\n".join(parts) + "\n"


def _section(heading: str, introduction: str, rows: Iterable[str]) -> str:
    told = f"{introduction}\n\n" if introduction else ""
    table = "\n".join([_COLUMNS, *rows])
    return f"## {heading}\n\n{told}{table}\n"


def text() -> str:
    """The page as the scenarios give it now. It takes half a minute."""
    return page({path: lines(path) for path in files()})
