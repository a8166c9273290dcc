"""Makes the copies of botocore's event handler table share their data.

botocore copies the table, a trie of nodes, for every client. Because copies share nodes, nodes are
never modified. Adding a handler creates new nodes only along the handler's path.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import botocore.hooks
from botocore.hooks import NodeList

if TYPE_CHECKING:
    from codepipeline_sandbox.kernel.patches import Patches

_PrefixTrie: Any = botocore.hooks._PrefixTrie  # type: ignore[attr-defined]  # noqa: SLF001 - it has no public name
_FIRST, _MIDDLE, _LAST = range(3)  # the parts of a node's NodeList

_Node = dict[str, Any]  # contains the keys chunk, children and values


def install(patches: Patches) -> None:
    """Make botocore use this module's table for the sessions that are created from now on."""
    patches.attribute(botocore.hooks, "_PrefixTrie", _SharingTrie)


class _SharingTrie(_PrefixTrie):  # type: ignore[misc]
    """botocore's table, except that copies share their nodes.

    It is a subclass because sessions that use it can outlive the cloud.
    """

    _root: _Node

    def __copy__(self) -> _SharingTrie:
        copied = _SharingTrie()
        copied.__dict__.update(self.__dict__)
        return copied

    def append_item(self, key: str, value: Any, section: int = _MIDDLE) -> None:
        self._root = _appended(self._root, key.split("."), value, section)

    def remove_item(self, key: str, value: Any) -> None:
        self._root = self._recursive_copy(self._root)  # removing changes nodes, so copy them
        super().remove_item(key, value)


def _appended(node: _Node, parts: list[str], value: Any, section: int) -> _Node:
    """Return a copy of the node with one more handler, in the node or below it."""
    if not parts:
        return {**node, "values": _longer(node["values"], value, section)}
    first, *rest = parts
    below = node["children"].get(first) or {"chunk": first, "values": None, "children": {}}
    children = {**node["children"], first: _appended(below, rest, value, section)}
    return {**node, "children": children}


def _longer(values: NodeList | None, value: Any, section: int) -> NodeList:
    lists = {at: list(values[at]) if values else [] for at in (_FIRST, _MIDDLE, _LAST)}
    lists[section].append(value)
    return NodeList(lists[_FIRST], lists[_MIDDLE], lists[_LAST])
