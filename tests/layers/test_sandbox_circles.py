"""The sandbox's folders never import each other in a cycle, not even for type checkers."""

from __future__ import annotations

from collections import defaultdict
from itertools import chain, pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.layers.imports import circles, folder_of, imports_between

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]
PACKAGE = "sandbox"
IMPORTS = list(imports_between(ROOT, PACKAGE))


def _folder(module: str) -> str:
    """The folder that contains a module. A module outside any folder counts as its own folder."""
    folder = folder_of(ROOT, module)
    return module if folder == PACKAGE else folder


def _folder_with_its_subfolders(module: str) -> str:
    return ".".join(_folder(module).split(".")[:2])


def _problems(place: Callable[[str], str]) -> list[str]:
    """Each cycle, with the imports that form it."""
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


def test_the_imports_of_the_sandbox_are_read():
    read = {(one.importer, one.imported) for one in IMPORTS}

    assert ("sandbox.cloud", "sandbox.world") in read
    assert ("sandbox.cloud", "sandbox.codepipeline") in read  # an import inside a function
    assert ("sandbox.here", "sandbox.services") in read  # an import for type checkers


@pytest.mark.parametrize("place", [_folder, _folder_with_its_subfolders])
def test_no_folders_of_the_sandbox_form_an_import_cycle(place):
    problems = _problems(place)

    assert not problems, "\n\n".join(problems)
