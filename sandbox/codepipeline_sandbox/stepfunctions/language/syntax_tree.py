"""Walks through the parsed form of a JSONata expression."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jsonata.parser import Parser

if TYPE_CHECKING:
    from collections.abc import Iterator

_SEQUENCES = (list, tuple)


def children(node: Any) -> Iterator[tuple[str, Any]]:
    """The nodes directly below a node, each with the name of the member that contains it."""
    for name, value in vars(node).items():
        if isinstance(value, Parser.Symbol):
            yield name, value
        elif isinstance(value, _SEQUENCES):
            yield from ((name, inner) for inner in _nodes(value))


def everything(tree: Any) -> Iterator[tuple[Any, int]]:
    """All nodes of a tree with their depth. The root has depth 1."""
    to_visit = [(tree, 1)]
    while to_visit:
        node, depth = to_visit.pop()
        yield node, depth
        to_visit.extend((child, depth + 1) for _, child in children(node))


def _nodes(value: Any) -> Iterator[Any]:
    if isinstance(value, Parser.Symbol):
        yield value
    elif isinstance(value, _SEQUENCES):
        for inner in value:
            yield from _nodes(inner)
