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
        "Stages show whatever execution came through them last. They decide nothing here.",
    ),
    "waits": ("Long waits", ""),
    "retries": ("Failures that are not the end", ""),
    "asked": ("What can be asked for", ""),
    "refused": ("What cannot be done", ""),
}
_INTRODUCTION = """\
# Outcomes

Every situation, what CodePipeline shows in it, what a run reports, and what the message says. Each
row is a scenario, played through the deployed state machine in the sandbox, and
`make play SCENARIO=docs/outcomes/ends/failed.yaml` tells one as it happens. This page is generated
from the scenarios by `make generate`; a test fails when it is not up to date.

Executions of the target are called #1, #2 in the order in which they were started. What
CodePipeline shows is, first, the status of the execution that the run follows as it changes, in
brackets what it waits for (an approval, a disabled transition, or behind another execution); then
all executions at the end. The message is that of the action, or of the result where a run was
started directly; (link) stands for a link to the console.

The last column is what the published rule of aws-codepipeline-waiter makes of the same world, by a
model of it (`sandbox/outcomes/waiter_rule.py`): it reads the states of the stages, and compares
their execution ids with the first stage's. It is right when it says success of an execution that
has succeeded, and failure of one that has ended otherwise for good. It crashes where a stage has
never run: the action fails without a reason. It hangs where it still waits a day later, or when
nothing is left to happen: CodePipeline then fails the action itself.
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
