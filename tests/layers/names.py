"""Finds the public names that modules define, and the names that more than one module defines."""

from __future__ import annotations

import ast
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path


@dataclass(frozen=True)
class Definition:
    name: str
    path: str  # relative to the root
    line: int

    def __str__(self) -> str:
        return f"{self.name} is defined in {self.path}, line {self.line}"


def public_names(root: Path, *folders: str) -> Iterator[Definition]:
    """Every public function, class, constant and type alias that a module defines.

    Imported names are not included, but definitions inside `if TYPE_CHECKING` are.
    """
    for folder in folders:
        for path in sorted((root / folder).rglob("*.py")):
            where = path.relative_to(root).as_posix()
            for name, line in _defined(ast.parse(path.read_text("utf-8")).body):
                if not name.startswith("_"):
                    yield Definition(name, where, line)


def defined_twice(definitions: Iterable[Definition]) -> list[list[Definition]]:
    by_name: dict[str, list[Definition]] = defaultdict(list)
    for one in definitions:
        by_name[one.name].append(one)
    return [found for _, found in sorted(by_name.items()) if len({one.path for one in found}) > 1]


def _defined(statements: Iterable[ast.stmt]) -> Iterator[tuple[str, int]]:
    for statement in statements:
        match statement:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield statement.name, statement.lineno
            case ast.Assign(targets=targets):
                for target in targets:
                    yield from _assigned(target)
            case ast.AnnAssign(target=target):
                yield from _assigned(target)
            case ast.If(body=body, orelse=orelse):
                yield from _defined([*body, *orelse])
            case ast.Try(body=body, handlers=handlers, orelse=orelse, finalbody=finalbody):
                inside = [each for handler in handlers for each in handler.body]
                yield from _defined([*body, *inside, *orelse, *finalbody])


def _assigned(target: ast.expr) -> Iterator[tuple[str, int]]:
    match target:
        case ast.Name():
            yield target.id, target.lineno
        case ast.Tuple(elts=elements) | ast.List(elts=elements):
            for element in elements:
                yield from _assigned(element)
