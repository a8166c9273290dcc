"""List the sandbox's rules with the tests that cite them. Fail if a rule has no test."""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "sandbox.md"

_RULE = re.compile(r"^\| ([A-Z]\d+) \| (.+?) \| .+ \|$", re.MULTILINE)


def rules() -> dict[str, str]:
    """Return each rule's text by its ID, in page order. Raise ValueError for a duplicate ID."""
    found: dict[str, str] = {}
    for identity, text in _RULE.findall(PAGE.read_text("utf-8")):
        if identity in found:
            raise ValueError(f"{PAGE.name} has two rules with the id {identity}")
        found[identity] = text
    return found


def citations() -> dict[str, list[str]]:
    """The tests that cite each rule, as `path::name`."""
    found: dict[str, list[str]] = {}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for identity, test in _cited_in(ast.parse(path.read_text("utf-8"))):
            found.setdefault(identity, []).append(f"{path.relative_to(ROOT)}::{test}")
    return found


def _cited_in(module: ast.Module) -> Iterator[tuple[str, str]]:
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            for mark in node.decorator_list:
                yield from ((identity, node.name) for identity in _ids(mark))


def _ids(mark: ast.expr) -> list[str]:
    if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.rule":
        return [ast.literal_eval(argument) for argument in mark.args]
    return []


def main() -> int:
    """Print each rule and its tests, and return 1 if a rule has no test."""
    cited = citations()
    for identity, text in rules().items():
        print(f"{identity:<4} {text}")  # noqa: T201 - a command-line program
        for test in cited.get(identity, ["NO TEST CITES THIS RULE"]):
            print(f"       {test}")  # noqa: T201 - the same
    missing = [identity for identity in rules() if identity not in cited]
    print(f"\n{len(rules())} rules, {len(missing)} without a test {missing or ''}")  # noqa: T201
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
