from __future__ import annotations

import ast
from collections import defaultdict
from itertools import chain, pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.layers.imports import circles, folder_of, imports_between

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parents[2] / "sandbox"
PACKAGE = "codepipeline_sandbox"
IMPORTS = list(imports_between(ROOT, PACKAGE))
# The sandbox is a separate package, so it must work without these.
PRODUCT = {
    "benchmarks",
    "codepipeline_orchestrator",
    "pipeline_run",
    "playground",
    "publishing",
    "tests",
}


def _folder(module: str) -> str:
    folder = folder_of(ROOT, module)
    inside = ROOT.joinpath(*folder.split("."))
    return module if any(inside.glob("*/__init__.py")) else folder


def _folder_with_its_subfolders(module: str) -> str:
    return ".".join(module.split(".")[:2])


def _problems(place: Callable[[str], str]) -> list[str]:
    ties = defaultdict(set)
    for one in IMPORTS:
        ties[place(one.importer), place(one.imported)].add(f"  {one}")
    return [
        "\n".join(
            [
                f"{' -> '.join([*circle, circle[0]])} is a circle:",
                *chain(*(sorted(ties[step]) for step in pairwise([*circle, circle[0]]))),
            ]
        )
        for circle in circles(ties)
    ]


def _mentions(text: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield str(node.module).partition(".")[0]
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value.partition(".")[0]


def test_the_imports_of_the_sandbox_are_read():
    read = {(one.importer, one.imported) for one in IMPORTS}

    assert (f"{PACKAGE}.cloud", f"{PACKAGE}.kernel.world") in read
    assert (f"{PACKAGE}.cloud", f"{PACKAGE}.codepipeline") in read  # inside a function
    assert (f"{PACKAGE}.kernel.here", f"{PACKAGE}.kernel.protocols") in read  # only for types


@pytest.mark.parametrize("place", [_folder, _folder_with_its_subfolders])
def test_no_folders_of_the_sandbox_import_each_other(place):
    problems = _problems(place)

    assert not problems, "\n\n".join(problems)


def test_the_sandbox_does_not_know_the_product():
    modules = list((ROOT / PACKAGE).rglob("*.py"))
    found = {
        path.relative_to(ROOT).as_posix(): named
        for path in modules
        if (named := PRODUCT & set(_mentions(path.read_text("utf-8"))))
    }

    assert len(modules) > 200
    assert found == {}


@pytest.mark.parametrize(
    "text",
    [
        "import pipeline_run.program",
        "def f():\n    from codepipeline_orchestrator import clock",
        "import_module('codepipeline_orchestrator.clock')",
        "from playground import company",
    ],
)
def test_a_planted_mention_of_the_product_is_found(text):
    assert PRODUCT & set(_mentions(text))
