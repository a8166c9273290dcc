"""Makes the copies of botocore's event handler table share their data.

botocore copies the table, a trie of nodes, for every client. Because copies share nodes here, a
node is never changed. Adding a handler creates new nodes only along the handler's path.
"""

from __future__ import annotations

from typing import Any

import botocore.hooks
from botocore.hooks import NodeList

_PrefixTrie: Any = botocore.hooks._PrefixTrie  # type: ignore[attr-defined]  # noqa: SLF001 - it has no public name
_FIRST, _MIDDLE, _LAST = range(3)  # the parts of a node's NodeList
_remove_item = _PrefixTrie.remove_item

_Node = dict[str, Any]  # contains the keys chunk, children and values


def install() -> None:
    """Replace the methods of botocore's handler table. Idempotent."""
    _PrefixTrie.append_item = _append_item
    _PrefixTrie.remove_item = _remove_from_own
    _PrefixTrie.__copy__ = _share


def _share(trie: Any) -> Any:
    copied = _PrefixTrie()
    copied.__dict__.update(trie.__dict__)
    return copied


def _append_item(trie: Any, key: str, value: Any, section: int = _MIDDLE) -> None:
    trie._root = _appended(trie._root, key.split("."), value, section)  # noqa: SLF001 - replaces its method


def _remove_from_own(trie: Any, key: str, value: Any) -> None:
    trie._root = trie._recursive_copy(trie._root)  # noqa: SLF001 - removing is rare and changes nodes
    _remove_item(trie, key, value)


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
