"""Parse YAML and JSON into nodes with line numbers, without resolving tags."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import yaml

LARGEST = 1_048_576  # characters; CloudFormation accepts templates of at most 1 MB
_DEEPEST = 200  # real documents have about a dozen levels
_MOST_NODES = 150_000
_MOST_COPIES = 100_000  # nodes that aliases may add to a document
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# A pair of JSON escapes for one character, which YAML does not have. Other escapes are skipped.
_SURROGATES = re.compile(r"\\u[dD][89abAB][\da-fA-F]{2}\\u[dD][c-fC-F][\da-fA-F]{2}|\\.", re.DOTALL)
_LONE_SURROGATE = re.compile(r"\\u[dD][89a-fA-F][\da-fA-F]{2}|\\.", re.DOTALL)


class Unreadable(Exception):
    """The text is not YAML or JSON, or it is too large. The line is counted from 1."""

    def __init__(self, message: str, line: int = 1) -> None:
        super().__init__(message)
        self.line = line


def compose(text: str) -> yaml.Node | None:
    """The root node, or None if the text is empty. Raises Unreadable."""
    if len(text) > LARGEST:
        message = f"{len(text):,} characters, but a template can have at most {LARGEST:,}."
        raise Unreadable(message)
    try:
        composer = _Composer()
        for event in yaml.parse(_as_yaml(text), Loader=_LOADER):
            composer.add(event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = error.problem or error.context or "it has a syntax error"
        last = text.rstrip().count("\n") + 1
        raise Unreadable(
            f"not YAML: {problem}.", min(last, mark.line + 1 if mark else 1)
        ) from error
    except (yaml.YAMLError, UnicodeEncodeError) as error:
        reason = str(error).partition("\n")[0]
        raise Unreadable(f"not YAML: {reason}.") from error
    return composer.roots[0] if composer.roots else None


def nodes_by_key(node: yaml.Node | None) -> dict[str, yaml.Node]:
    """A mapping's nodes, keyed by name, with merge keys (`<<`). Empty for any other node."""
    found: dict[str, yaml.Node] = {}
    if not isinstance(node, yaml.MappingNode):
        return found
    for key, value in node.value:
        if isinstance(key, yaml.ScalarNode) and key.value == "<<":
            merged = value.value if isinstance(value, yaml.SequenceNode) else [value]
            for each in reversed(merged):
                found.update(nodes_by_key(each))
    found.update(
        {
            key.value: value
            for key, value in node.value
            if isinstance(key, yaml.ScalarNode) and key.value != "<<"
        }
    )
    return found


def items(node: yaml.Node | None) -> list[yaml.Node]:
    """The items of a sequence. Empty for any other node."""
    return list(node.value) if isinstance(node, yaml.SequenceNode) else []


def scalars(node: yaml.Node | None) -> Iterator[yaml.ScalarNode]:
    """Every scalar in a node, including keys."""
    if isinstance(node, yaml.ScalarNode):
        yield node
    elif isinstance(node, yaml.SequenceNode):
        for each in node.value:
            yield from scalars(each)
    elif isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from scalars(key)
            yield from scalars(value)


def text_in(node: yaml.Node | None) -> str:
    """A scalar's text. Empty for any other node."""
    return str(node.value) if isinstance(node, yaml.ScalarNode) else ""


def function_of(node: yaml.Node) -> tuple[str, yaml.Node]:
    """The intrinsic function of a node and its argument. The name is empty if there is none."""
    if node.tag.startswith("!") and len(node.tag) > 1:
        return node.tag.removeprefix("!"), node
    inner = nodes_by_key(node)
    if len(inner) == 1:
        ((key, argument),) = inner.items()
        if key in {"Ref", "Condition"} or key.startswith("Fn::"):
            return key.removeprefix("Fn::"), argument
    return "", node


def functions(node: yaml.Node) -> Iterator[tuple[str, yaml.Node]]:
    """Every intrinsic function in a node, with its argument."""
    todo = [node]
    while todo:
        each = todo.pop()
        function, argument = function_of(each)
        if function:
            yield function, argument
        todo += [*items(each), *nodes_by_key(each).values()]


def _as_yaml(text: str) -> str:
    """JSON with tabs or surrogate pairs, which YAML does not allow, or any other text unchanged."""
    if text.lstrip()[:1] not in {"{", "["}:
        return text
    text = _SURROGATES.sub(_character, text)
    text = _LONE_SURROGATE.sub(lambda match: "\\ufffd" if match[0][1] == "u" else match[0], text)
    # YAML forbids indentation with tabs. Strings in JSON contain no literal tabs.
    return text.replace("\t", " ")


def _character(match: re.Match[str]) -> str:
    return str(json.loads(f'"{match[0]}"')) if len(match[0]) > len("\\n") else match[0]


class _Composer:
    """Builds nodes from events, because PyYAML's own composer recurses without a limit."""

    def __init__(self) -> None:
        self.roots: list[yaml.Node] = []
        self._open: list[tuple[yaml.CollectionNode, list[yaml.Node]]] = []  # with their children
        self._anchors: dict[str, yaml.Node] = {}
        self._sizes: dict[int, int] = {}  # nodes in each complete node, with its aliases
        self._depths: dict[int, int] = {}
        self._copies = 0

    def add(self, event: yaml.Event) -> None:
        line = event.start_mark.line + 1 if event.start_mark else 1
        match event:
            case yaml.DocumentStartEvent() if self.roots:
                raise Unreadable("not YAML: expected a single document.", line)
            case yaml.AliasEvent():
                self._append(self._node_of(str(event.anchor), line))
            case yaml.ScalarEvent():
                node = yaml.ScalarNode(event.tag or "", event.value, *_marks(event), event.style)
                self._complete(node, [], event.anchor)
            case yaml.SequenceStartEvent():
                self._begin(yaml.SequenceNode, event)
            case yaml.MappingStartEvent():
                self._begin(yaml.MappingNode, event)
            case yaml.CollectionEndEvent():
                collection, children = self._open.pop()
                pairs = list(zip(children[::2], children[1::2], strict=False))
                collection.value = pairs if isinstance(collection, yaml.MappingNode) else children
                self._complete(collection, children, None)

    def _begin(self, kind: type[yaml.CollectionNode], event: yaml.CollectionStartEvent) -> None:
        if len(self._open) >= _DEEPEST:
            line = event.start_mark.line + 1 if event.start_mark else 1
            raise Unreadable("nested too deeply.", line)
        node = kind(event.tag or "", [], *_marks(event))
        self._open.append((node, []))
        if event.anchor:
            self._anchors[event.anchor] = node

    def _node_of(self, anchor: str, line: int) -> yaml.Node:
        node = self._anchors.get(anchor)
        if node is None:
            raise Unreadable(f"not YAML: unknown alias {anchor}.", line)
        if id(node) not in self._sizes:
            raise Unreadable(f"not YAML: the alias {anchor} contains itself.", line)
        self._copies += self._sizes[id(node)]
        if self._copies > _MOST_COPIES or len(self._open) + self._depths[id(node)] > _DEEPEST:
            raise Unreadable("too many aliases.", line)
        return node

    def _complete(self, node: yaml.Node, children: list[yaml.Node], anchor: str | None) -> None:
        self._sizes[id(node)] = 1 + sum(self._sizes[id(child)] for child in children)
        self._depths[id(node)] = 1 + max((self._depths[id(child)] for child in children), default=0)
        if anchor:
            self._anchors[anchor] = node
        if len(self._sizes) > _MOST_NODES:
            raise Unreadable(f"more than {_MOST_NODES:,} values.", node.start_mark.line + 1)
        self._append(node)

    def _append(self, node: yaml.Node) -> None:
        (self._open[-1][1] if self._open else self.roots).append(node)


def _marks(event: yaml.Event) -> tuple[Any, Any]:
    """The event's marks. PyYAML's types do not say that nodes accept those of libyaml."""
    return event.start_mark, event.end_mark
