"""Reads values from a scenario's YAML tree, and records invalid values as mistakes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import yaml

from playground.scenarios import durations, tree
from playground.scenarios.mistakes import Mistake, hint

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

_NULL, _BOOL = "tag:yaml.org,2002:null", "tag:yaml.org,2002:bool"
_LONGEST = 60


class Pair(NamedTuple):
    """A key of a mapping and its value."""

    name: str
    key: yaml.Node
    value: yaml.Node


@dataclass
class Page:
    """Reads values and collects mistakes."""

    mistakes: list[Mistake] = field(default_factory=list)

    def wrong(
        self, node: yaml.Node, sentence: str, word: str = "", words: Iterable[str] = ()
    ) -> None:
        """Record a mistake.

        If `words` contains the valid words, the message suggests the nearest one.
        """
        self.mistakes.append(Mistake(tree.line_of(node), sentence + hint(word, words)))

    def text(self, node: yaml.Node, what: str) -> str | None:
        """Read text, which can also be a number or a date."""
        if not isinstance(node, yaml.ScalarNode) or node.tag == _NULL:
            self.wrong(node, f"{what} must be text, but is {kind(node)}.")
            return None
        return str(node.value)

    def word(self, node: yaml.Node, what: str, words: Collection[str]) -> str | None:
        """Read text that must be one of the words."""
        text = self.text(node, what)
        if text is None or text in words:
            return text
        self.wrong(node, f"{what} cannot be {kind(node)}.", text, words)
        return None

    def duration(self, node: yaml.Node, what: str) -> float | None:
        """Read a duration, in seconds."""
        text = node.value if isinstance(node, yaml.ScalarNode) else ""
        found = durations.seconds(text)
        if durations.is_too_long(text):
            self.wrong(node, f"{what} must be at most 3650d, but is {kind(node)}.")
        elif found is None:
            example = durations.EXAMPLES
            self.wrong(node, f"{what} must be a duration such as {example}, but is {kind(node)}.")
        return found

    def whole(self, node: yaml.Node, what: str, least: int = 0) -> int | None:
        """Read a whole number."""
        text = node.value if isinstance(node, yaml.ScalarNode) else ""
        if text.isascii() and text.isdigit() and int(text) >= least:
            return int(text)
        self.wrong(node, f"{what} must be a whole number of at least {least}, but is {kind(node)}.")
        return None

    def truth(self, node: yaml.Node, what: str) -> bool | None:
        """Read a boolean."""
        if node.tag == _BOOL:
            return bool(tree.plain(node))
        self.wrong(node, f"{what} must be true or false, but is {kind(node)}.")
        return None

    def items(self, node: yaml.Node, what: str) -> list[yaml.Node]:
        """Read the items of a list."""
        if isinstance(node, yaml.SequenceNode):
            return list(node.value)
        self.wrong(node, f"{what} must be a list, but is {kind(node)}.")
        return []

    def pairs(self, node: yaml.Node, what: str) -> list[Pair]:
        """Read the keys and values of a mapping. Duplicate keys are mistakes."""
        if not isinstance(node, yaml.MappingNode):
            self.wrong(node, f"{what} must be a mapping, but is {kind(node)}.")
            return []
        found: dict[str, Pair] = {}
        for key, value in node.value:
            name = self.text(key, f"A key of {_inside(what)}")
            if name is None:
                continue
            if name in found:
                line = tree.line_of(found[name].key)
                self.wrong(key, f"'{name}' is a duplicate of line {line}.")
                continue
            found[name] = Pair(name, key, value)
        return list(found.values())

    def members(self, node: yaml.Node, what: str, known: Collection[str]) -> dict[str, yaml.Node]:
        """Read the members of a mapping. A member that is not in `known` is a mistake."""
        members = {}
        for name, key, value in self.pairs(node, what):
            if name in known:
                members[name] = value
            else:
                self.wrong(key, f"{what} cannot have '{name}'.", name, known)
        return members

    def texts(self, node: yaml.Node, what: str) -> dict[str, str]:
        """Read a mapping whose values are text."""
        pairs = self.pairs(node, what)
        read = ((name, self.text(value, f"'{name}'")) for name, _, value in pairs)
        return {name: text for name, text in read if text is not None}


def kind(node: yaml.Node) -> str:
    """Describe the node for a sentence: its quoted text, "a mapping", "a list" or "empty"."""
    if not isinstance(node, yaml.ScalarNode):
        return "a mapping" if isinstance(node, yaml.MappingNode) else "a list"
    text = str(node.value)
    if not text or node.tag == _NULL:
        return "empty"
    return f"'{text}'" if len(text) <= _LONGEST else f"'{text[:_LONGEST]}...'"


def _inside(what: str) -> str:
    return what[:1].lower() + what[1:]
