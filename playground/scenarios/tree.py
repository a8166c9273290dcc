"""Parses YAML into a tree of nodes with line numbers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import yaml
from yaml.constructor import SafeConstructor

from playground.scenarios.merging import NotMergeable, inside, merge
from playground.scenarios.mistakes import Mistake

if TYPE_CHECKING:
    from collections.abc import Callable

_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_CONSTRUCTOR = SafeConstructor()
_DEEPEST = 50
_TOO_DEEP = f"This is nested more than {_DEEPEST} levels deep."
_MOST = 300_000  # Without a limit on the nodes, a few nested aliases could exhaust the memory.
_PLAIN: dict[str, Callable[[Any], Any]] = {
    "tag:yaml.org,2002:null": lambda _: None,
    "tag:yaml.org,2002:bool": _CONSTRUCTOR.construct_yaml_bool,
    "tag:yaml.org,2002:int": _CONSTRUCTOR.construct_yaml_int,
    "tag:yaml.org,2002:float": _CONSTRUCTOR.construct_yaml_float,
}


class NotATree(Exception):
    """The text is not YAML, or cannot be represented as JSON."""

    def __init__(self, line: int, text: str) -> None:
        self.mistake = Mistake(line, text)
        super().__init__(text)


def compose(text: str) -> yaml.Node:
    """Parse the text. Raises NotATree for invalid text."""
    if (strange := _UNPRINTABLE.search(text)) is not None:
        line = text.count("\n", 0, strange.start()) + 1
        raise NotATree(line, f"The character {strange[0]!r} is not allowed in YAML.")
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        raise NotATree(_line_of(error), f"This is not YAML: {_problem(error)}.") from error
    except RecursionError as error:
        raise NotATree(_deep_line(text), _TOO_DEEP) from error
    if root is None:
        raise NotATree(1, "The scenario is empty.")
    _refuse_what_has_no_end(root)
    try:
        merge(root)
    except NotMergeable as error:
        raise NotATree(line_of(error.node), str(error)) from error
    return root


def line_of(node: yaml.Node) -> int:
    """Return the line of the node, counted from 1."""
    return int(node.start_mark.line) + 1


def plain(node: yaml.Node) -> Any:
    """Convert the node to a JSON value, in which dates are strings."""
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
    text = ", ".join(part for part in (error.context, error.problem) if part)
    return f"{text}; indent with spaces" if "'\\t'" in text else text


def _deep_line(text: str) -> int:
    """Find the line at which the nesting becomes too deep, without recursion."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST:
            return int(event.start_mark.line) + 1 if event.start_mark else 1
    return 1


def _refuse_what_has_no_end(root: yaml.Node) -> None:
    """Raise NotATree if the tree contains itself, is too deep or has too many nodes."""
    left: list[tuple[yaml.Node, tuple[yaml.Node, ...]]] = [(root, ())]
    for _ in range(_MOST):
        if not left:
            return
        node, above = left.pop()
        if any(node is each for each in above):
            raise NotATree(line_of(node), "This anchor contains itself.")
        if len(above) > _DEEPEST:
            raise NotATree(line_of(node), _TOO_DEEP)
        left += [(each, (*above, node)) for each in inside(node)]
    raise NotATree(1, f"The scenario has more than {_MOST:,} values with its aliases expanded.")
