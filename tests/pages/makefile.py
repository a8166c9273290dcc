"""Checks the targets, variables and options in a `make` command line."""

from __future__ import annotations

import re
import shlex
from functools import cache
from pathlib import Path

from codepipeline_sandbox.cloudformation.artifacts import load
from playground.scenarios.loading import names
from tests.pages.blocks import ROOT
from tests.pages.parameters import check_parameters
from tests.pages.shell import SOMETHING

_EVERYWHERE = {"PYTHON", "JOBS"}
# These options belong to other programs, which are not installed here.
_OTHERS = {
    "deploy": {"--guided", "--no-execute-changeset", "--region", "--profile"},
    "lock": {"--upgrade"},
}
_OF_PYTEST = {"test", "test-runtime", "test-page", "test-cdk"}


@cache
def _recipes() -> dict[str, str]:
    text = (ROOT / "Makefile").read_text("utf-8")
    found = re.findall(r"^([a-z][a-z-]*):(.*?)(?=^\S|\Z)", text, re.MULTILINE | re.DOTALL)
    return dict(found)


def check(words: list[str]) -> None:
    """Raise ValueError for a target, variable or option that does not exist."""
    targets = [word for word in words if "=" not in word]
    assignments = dict(word.split("=", 1) for word in words if "=" in word)
    for target in targets:
        if target not in _recipes():
            raise ValueError(f"`make {target}` does not exist")
    recipe = "".join(_recipes()[target] for target in targets)
    for name, value in assignments.items():
        if f"$({name})" not in recipe and name not in _EVERYWHERE:
            raise ValueError(f"make {' '.join(targets)} has no variable {name}")
        _check_value(name, value, targets[0] if targets else "", recipe)


def _check_value(name: str, value: str, target: str, recipe: str) -> None:
    if value in {"...", "…"}:
        return
    if name == "ARGS":
        _check_options(value, target, recipe)
    elif name == "PARAMETERS" and value != "Name=value ...":
        given = dict(one.split("=", 1) for one in shlex.split(value))
        unquoted = {key: each.strip('"') for key, each in given.items()}
        check_parameters(load(ROOT / "template.yaml"), unquoted, complete=False)
    elif name == "SCENARIO":
        _check_scenario(value)


def _check_options(value: str, target: str, recipe: str) -> None:
    module = re.search(r"python -m (playground|benchmarks|tests)([.\w]*)", recipe)
    for option in re.findall(r"(?<!\S)--[a-z-]+", value):
        if option in _OTHERS.get(target, set()) or target in _OF_PYTEST:
            continue
        if module is None or f'"{option}"' not in _source(module[1] + module[2]):
            raise ValueError(f"make {target} has no option {option}")


def _source(module: str) -> str:
    path = ROOT / module.replace(".", "/")
    files = [path.with_suffix(".py")] if not path.is_dir() else sorted(path.rglob("*.py"))
    return "".join(Path(file).read_text("utf-8") for file in files)


def _check_scenario(value: str) -> None:
    if value in names() or (ROOT / value).is_file() or value == SOMETHING:
        return
    if "/" in value or not value.endswith(
        ".yaml"
    ):  # Any other path belongs to a file that the reader wrote.
        raise ValueError(f"the scenario {value} does not exist")
