"""Resolves YAML's merge key. `<<: *base` adds the members of the base that the mapping lacks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator

_MERGE = "tag:yaml.org,2002:merge"


class NotMergeable(Exception):
    """The value of `<<`, stored in `node`, is neither a mapping nor a list of mappings."""

    def __init__(self, node: yaml.Node) -> None:
        super().__init__("'<<' must be a mapping or a list of mappings.")
        self.node = node


def merge(root: yaml.Node) -> None:
    """Replace every merge key in the tree with the members it adds. Raises NotMergeable."""
    _merge(root, set())


def inside(node: yaml.Node) -> list[yaml.Node]:
    """Return the children of the node: the items of a list, or the keys and values of a mapping."""
    if isinstance(node, yaml.MappingNode):
        return [each for pair in node.value for each in pair]
    return list(node.value) if isinstance(node, yaml.SequenceNode) else []


def _merge(node: yaml.Node, done: set[int]) -> None:
    if id(node) in done:
        return
    done.add(id(node))
    for each in inside(node):
        _merge(each, done)
    if isinstance(node, yaml.MappingNode) and any(key.tag == _MERGE for key, _ in node.value):
        node.value = list(_written_out(node))


def _written_out(node: yaml.MappingNode) -> Iterator[tuple[yaml.Node, yaml.Node]]:
    taken = {str(key.value) for key, _ in node.value}
    for key, value in node.value:
        if key.tag != _MERGE:
            yield key, value
            continue
        for base in value.value if isinstance(value, yaml.SequenceNode) else [value]:
            if not isinstance(base, yaml.MappingNode):
                raise NotMergeable(base)
            own = [pair for pair in base.value if str(pair[0].value) not in taken]
            taken |= {str(name.value) for name, _ in own}
            yield from own
