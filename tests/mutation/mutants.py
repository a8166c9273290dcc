"""The mutants of a module. Each has one small change, and its name describes the change."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.mutation import changes

_LONGEST = 90  # the maximum length of a change in a mutant's name
_NOT_BEHAVIOUR = {"logger", "Logger"}  # log messages are for people and may change


@dataclass(frozen=True)
class Mutant:
    module: str  # such as polling.verdict
    name: str  # without a line number, such as polling.verdict.judge: a or b -> a and b
    lines: frozenset[int]  # of the changed statement, in the original module
    tree: ast.Module


def of(package: Path, module: str) -> Iterator[Mutant]:
    source = package.joinpath(*module.split(".")).with_suffix(".py").read_text()
    seen: Counter[str] = Counter()
    for place in _places(ast.parse(source)):
        for change in changes.of(place.node):
            name = f"{module}.{place.inside}: {_told(place.node, change)}"
            seen[name] += 1
            nth = f" ({seen[name]})" if seen[name] > 1 else ""
            tree = _with(ast.parse(source), place.path, change)
            yield Mutant(module, name + nth, place.lines, tree)


@dataclass(frozen=True)
class _Place:
    node: ast.AST
    path: tuple[tuple[str, int | None], ...]  # from the module to the node
    inside: str  # the function or class that contains it
    lines: frozenset[int]


def _places(tree: ast.Module) -> Iterator[_Place]:
    yield from _below(_Place(tree, (), "module", frozenset()))


def _below(place: _Place) -> Iterator[_Place]:
    for field, value in ast.iter_fields(place.node):
        children = value if isinstance(value, list) else [value]
        for index, node in enumerate(children):
            if isinstance(node, ast.AST) and not _left_alone(place.node, field, node):
                step = (field, index if isinstance(value, list) else None)
                below = _Place(
                    node, (*place.path, step), _inside(place, node), _lines(place, field, node)
                )
                yield below
                yield from _below(below)


def _left_alone(parent: ast.AST, field: str, node: ast.AST) -> bool:
    match node:
        # Other tests check field descriptions, and mypy finds assignments to frozen dataclasses.
        case ast.keyword("description") | ast.Call(ast.Name("dataclass")):
            return True
        case ast.Expr(ast.Constant()) | ast.ImportFrom() | ast.Assert():
            return True
        case ast.Call(ast.Attribute(ast.Name(name))) if name in _NOT_BEHAVIOUR:
            return True
        case ast.Expr(ast.Call(ast.Attribute(ast.Name(name)))) if name in _NOT_BEHAVIOUR:
            return True
        case ast.If(ast.Name("TYPE_CHECKING")):
            return True
    is_annotation = field in {"annotation", "returns"} and not _is_of_a_model(parent)
    return is_annotation or (isinstance(parent, ast.JoinedStr) and isinstance(node, ast.Constant))


def _is_of_a_model(parent: ast.AST) -> bool:
    """Whether the annotation matters because pydantic uses it to validate a field."""
    return isinstance(parent, ast.AnnAssign) and "Annotated" in ast.unparse(parent.annotation)


def _inside(place: _Place, node: ast.AST) -> str:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return node.name if place.inside == "module" else f"{place.inside}.{node.name}"
    return place.inside


def _lines(place: _Place, field: str, node: ast.AST) -> frozenset[int]:
    """Return the first line of the innermost statement, which is the line that coverage records."""
    if isinstance(node, ast.stmt):
        return frozenset({node.lineno})
    del field
    return place.lines


def _told(old: ast.AST, new: ast.AST) -> str:
    match old, new:
        case ast.If(), _:
            return f"if {_short(old.test)} -> if not"
        case ast.comprehension(), _:
            return f"if {_short(old.ifs[0])} -> always"
        case ast.IfExp(), _:
            return f"{_short(old)} -> swapped"
        case _, ast.Pass():
            return f"{_short(old)} -> left out"
    return f"{_short(old)} -> {_short(new)}"


def _short(node: ast.AST) -> str:
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _with(tree: ast.Module, path: tuple[tuple[str, int | None], ...], new: ast.AST) -> ast.Module:
    *above, (field, index) = path
    parent: ast.AST = tree
    for name, position in above:
        value = getattr(parent, name)
        parent = value if position is None else value[position]
    if index is None:
        setattr(parent, field, new)
    else:
        getattr(parent, field)[index] = new
    return ast.fix_missing_locations(tree)
