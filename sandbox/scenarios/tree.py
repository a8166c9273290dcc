"""A YAML text as a tree whose every node knows its line."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import yaml
from yaml.constructor import SafeConstructor

from sandbox.scenarios.mistakes import Mistake

if TYPE_CHECKING:
    from collections.abc import Callable

_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_CONSTRUCTOR = SafeConstructor()
_PLAIN: dict[str, Callable[[Any], Any]] = {
    "tag:yaml.org,2002:null": lambda _: None,
    "tag:yaml.org,2002:bool": _CONSTRUCTOR.construct_yaml_bool,
    "tag:yaml.org,2002:int": _CONSTRUCTOR.construct_yaml_int,
    "tag:yaml.org,2002:float": _CONSTRUCTOR.construct_yaml_float,
}


class NotATree(Exception):
    """The text is not YAML, or nothing that could be written out as JSON."""

    def __init__(self, line: int, text: str) -> None:
        self.mistake = Mistake(line, text)
        super().__init__(text)


def compose(text: str) -> yaml.Node:
    """The tree. Raises NotATree."""
    if (strange := _UNPRINTABLE.search(text)) is not None:
        line = text.count("\n", 0, strange.start()) + 1
        raise NotATree(line, f"The character {strange[0]!r} cannot stand in YAML.")
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        raise NotATree(_line_of(error), f"This is not YAML: {_problem(error)}.") from error
    if root is None:
        raise NotATree(1, "The scenario is empty.")
    _refuse_rings(root, ())
    return root


def line_of(node: yaml.Node) -> int:
    """The node's line, from 1."""
    return int(node.start_mark.line) + 1


def plain(node: yaml.Node) -> Any:
    """What the node says, as JSON has it; dates stay texts."""
    if isinstance(node, yaml.MappingNode):
        return {str(key.value): plain(value) for key, value in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [plain(item) for item in node.value]
    return _PLAIN.get(node.tag, _text)(node)


def _text(node: yaml.Node) -> str:
    return str(node.value)


def _line_of(error: yaml.MarkedYAMLError) -> int:
    mark = error.problem_mark or error.context_mark
    return int(mark.line) + 1 if mark else 1


def _problem(error: yaml.MarkedYAMLError) -> str:
    return ", ".join(part for part in (error.context, error.problem) if part)


def _refuse_rings(node: yaml.Node, above: tuple[yaml.Node, ...]) -> None:
    if any(node is each for each in above):
        raise NotATree(line_of(node), "What '&' names here contains itself.")
    for inside in node.value if isinstance(node, yaml.CollectionNode) else ():
        for each in inside if isinstance(inside, tuple) else (inside,):
            _refuse_rings(each, (*above, node))
