"""Tables of event handlers that copies share: botocore copies its table for every client.

A table is a trie of nodes. Instead of changing a node, which a copy may share, the nodes on the way
to a new handler are made anew; the rest stays shared.
"""

from __future__ import annotations

from typing import Any

import botocore.hooks
from botocore.hooks import NodeList

_PrefixTrie: Any = botocore.hooks._PrefixTrie  # type: ignore[attr-defined]  # noqa: SLF001 - it has no other name
_FIRST, _MIDDLE, _LAST = range(3)  # where a handler stands in its NodeList
_remove_item = _PrefixTrie.remove_item

_Node = dict[str, Any]  # chunk, children, values


def install() -> None:
    """Let botocore's tables share what they have in common. Idempotent."""
    _PrefixTrie.append_item = _append_item
    _PrefixTrie.remove_item = _remove_from_own
    _PrefixTrie.__copy__ = _share


def _share(trie: Any) -> Any:
    copied = _PrefixTrie()
    copied.__dict__.update(trie.__dict__)
    return copied


def _append_item(trie: Any, key: str, value: Any, section: int = _MIDDLE) -> None:
    trie._root = _appended(trie._root, key.split("."), value, section)  # noqa: SLF001 - stands in for its method


def _remove_from_own(trie: Any, key: str, value: Any) -> None:
    trie._root = trie._recursive_copy(trie._root)  # noqa: SLF001 - removing is rare, and changes nodes
    _remove_item(trie, key, value)


def _appended(node: _Node, parts: list[str], value: Any, section: int) -> _Node:
    """The node as it is with one handler more, below it or at it."""
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
