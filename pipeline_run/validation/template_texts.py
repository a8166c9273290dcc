"""Text values in CloudFormation templates, with Ref, Fn::Sub and Fn::Join resolved."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import yaml

from pipeline_run.validation.inputs import UNKNOWN

# Pseudo parameters that, unlike the account, usually have the same value everywhere.
_PSEUDO = {"AWS::Partition": "aws", "AWS::URLSuffix": "amazonaws.com"}
_PLACEHOLDER = re.compile(r"\$\{(!?)\s*([^{}]*?)\s*\}")


@dataclass(frozen=True)
class TemplateText:
    """A text value in a template, and its line."""

    text: str
    line: int  # the template's line where the text starts, counted from 1
    keeps_lines: bool  # whether each line of text is a line of the template

    def line_of(self, offset: int) -> int:
        """The template's line for a line of the text. `offset` counts from 0."""
        return self.line + (offset if self.keeps_lines else 0)


def nodes_by_key(node: yaml.Node | None) -> dict[str, yaml.Node]:
    """A mapping's nodes, keyed by name. Empty for any other node."""
    if not isinstance(node, yaml.MappingNode):
        return {}
    return {key.value: value for key, value in node.value if isinstance(key, yaml.ScalarNode)}


def text_of(node: yaml.Node, known: Mapping[str, str]) -> TemplateText:
    """The text that a node resolves to. `known` contains the parameters' defaults."""
    scalar = next((each for each in _scalars(node) if each.style in {"|", ">"}), None)
    line = (scalar or node).start_mark.line + 1
    keeps_lines = scalar is not None and scalar.style == "|"
    return TemplateText(_text(node, known), line + (1 if scalar is not None else 0), keeps_lines)


def mentions(node: yaml.Node | None, known: Mapping[str, str]) -> str:
    """All words in a reference. They show whether it refers to codepipeline-orchestrator."""
    words = [scalar.value for scalar in _scalars(node)]
    return " ".join([*words, *(known[word] for word in words if word in known)])


def _text(node: yaml.Node, known: Mapping[str, str]) -> str:
    function, argument = _function(node)
    match function:
        case "":
            return node.value if isinstance(node, yaml.ScalarNode) else UNKNOWN
        case "Sub":
            return _substituted(argument, known)
        case "Ref":
            return _value(str(argument.value), known)
        case "Join" if isinstance(argument, yaml.SequenceNode) and len(argument.value) > 1:
            delimiter, parts = argument.value[:2]
            if isinstance(parts, yaml.SequenceNode):
                return str(delimiter.value).join(_text(part, known) for part in parts.value)
    return UNKNOWN


def _function(node: yaml.Node) -> tuple[str, yaml.Node]:
    """The intrinsic function of a node and its argument. The name is empty if there is none."""
    if node.tag.startswith("!"):
        return node.tag.removeprefix("!"), node
    inner = nodes_by_key(node)
    if len(inner) == 1:
        ((key, argument),) = inner.items()
        return key.removeprefix("Fn::"), argument
    return "", node


def _substituted(argument: yaml.Node, known: Mapping[str, str]) -> str:
    if isinstance(argument, yaml.SequenceNode) and argument.value:
        own = {
            name: _text(value, known)
            for pairs in argument.value[1:]
            for name, value in nodes_by_key(pairs).items()
        }
        return _substituted(argument.value[0], {**known, **own})
    if not isinstance(argument, yaml.ScalarNode):
        return UNKNOWN
    return _PLACEHOLDER.sub(
        lambda match: f"${{{match[2]}}}" if match[1] else _value(match[2], known), argument.value
    )


def _value(name: str, known: Mapping[str, str]) -> str:
    return _PSEUDO.get(name) or known.get(name, UNKNOWN)


def _scalars(node: yaml.Node | None) -> Iterator[yaml.ScalarNode]:
    if isinstance(node, yaml.ScalarNode):
        yield node
    elif isinstance(node, yaml.SequenceNode):
        for each in node.value:
            yield from _scalars(each)
    elif isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from _scalars(key)
            yield from _scalars(value)
