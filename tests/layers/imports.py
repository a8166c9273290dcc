"""Finds the imports between the modules of a package, and the cycles that they form."""

from __future__ import annotations

import ast
from collections import defaultdict, deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path


@dataclass(frozen=True)
class Import:
    """One import between two modules, which are identified by their dotted names."""

    importer: str
    imported: str
    line: int

    def __str__(self) -> str:
        return f"{self.importer}, line {self.line}, imports {self.imported}"


def imports_between(root: Path, package: str) -> Iterator[Import]:
    """Every import between modules of the package, which is a folder in `root`.

    Imports inside functions and imports for type checkers are included, but not modules that
    importlib loads. Importing a name from a package counts as importing the package unless the
    name is a module.
    """
    modules = {_name(root, path): path for path in sorted((root / package).rglob("*.py"))}
    for importer, path in modules.items():
        inside = importer if path.name == "__init__.py" else importer.rpartition(".")[0]
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Import | ast.ImportFrom):
                continue
            for names in _candidates(node, inside):
                imported = next((name for name in names if name in modules), None)
                if imported is not None:
                    yield Import(importer, imported, node.lineno)


def folder_of(root: Path, module: str) -> str:
    """The package that contains the module, or the module itself if it is a package."""
    return module if root.joinpath(*module.split(".")).is_dir() else module.rpartition(".")[0]


def circles(edges: Iterable[tuple[str, str]]) -> list[tuple[str, ...]]:
    """One shortest cycle for each group of nodes that can all reach each other.

    The nodes of a cycle are in the order of its edges, and the last edge leads back to the first
    node. An edge from a node to itself is ignored.
    """
    following: dict[str, set[str]] = defaultdict(set)
    for start, end in edges:
        if start != end:
            following[start].add(end)
    ways = {node: _shortest_ways(node, following) for node in sorted(following)}
    groups: dict[frozenset[str], list[tuple[str, ...]]] = defaultdict(list)
    for node, way in ways.items():
        if node in way:
            group = frozenset(end for end in way if node in ways.get(end, ()))
            groups[group].append(way[node])
    return [min(found, key=len) for found in groups.values()]


def _name(root: Path, path: Path) -> str:
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _candidates(node: ast.Import | ast.ImportFrom, inside: str) -> Iterator[tuple[str, ...]]:
    """For each imported name, the modules that it can refer to, most likely first."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield (alias.name,)
    else:
        above = inside.split(".")[: 1 - node.level or None] if node.level else []
        source = ".".join([*above, *([node.module] if node.module else [])])
        for alias in node.names:
            yield (f"{source}.{alias.name}", source)


def _shortest_ways(start: str, following: dict[str, set[str]]) -> dict[str, tuple[str, ...]]:
    ways: dict[str, tuple[str, ...]] = {}
    to_follow: deque[tuple[str, ...]] = deque([(start,)])
    while to_follow:
        way = to_follow.popleft()
        for node in sorted(following.get(way[-1], set()) - ways.keys()):
            ways[node] = way
            to_follow.append((*way, node))
    return ways
