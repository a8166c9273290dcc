"""Values in CloudFormation templates, with intrinsic functions resolved."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain, count
from typing import Any

import yaml

from pipeline_run.validation.budget import LONGEST_TEXT, TooMuchWork
from pipeline_run.validation.nodes import function_of, items, nodes_by_key, scalars, text_in
from pipeline_run.validation.parameters import PLACEHOLDER, Choice, Template, condition_key
from pipeline_run.validation.unknowns import MARK, Unknowns

_DYNAMIC = re.compile(r"\{\{resolve:[^{}]*\}\}")  # CloudFormation reads these from other services
# Functions that always return a string.
_STRINGS = {"Sub", "Join", "ImportValue", "Base64", "ToJsonString"}
_RESOLVER = yaml.resolver.Resolver()


@dataclass(frozen=True)
class TemplateText:
    """A text value in a template, its unknown values, and its line."""

    text: str  # with a mark for each unknown value
    unknowns: Unknowns
    line: int  # the template's line where the text starts, counted from 1
    keeps_lines: bool  # whether each line of text is a line of the template

    def line_of(self, offset: int) -> int:
        """The template's line for a line of the text. `offset` counts from 0."""
        return self.line + (offset if self.keeps_lines else 0)


class NotText(Exception):
    """The value is an object or a list, where CloudFormation needs text."""


class Uncheckable(Exception):
    """Fields come from a function that is not resolved, or depend on too many conditions."""


class Impossible(Exception):
    """CloudFormation refuses the template for this choice of its parameters."""


def mentions(node: yaml.Node | None, template: Template) -> str:
    """All words in a reference. They show whether it refers to codepipeline-orchestrator."""
    words = [scalar.value for scalar in scalars(node)]
    known = (value for word in words for value in template.values.get(word, ()) if value)
    return " ".join([*words, *known])


def resolvers(
    template: Template, node: yaml.Node, required: Mapping[str, bool]
) -> Iterator[Resolver]:
    """A resolver for each choice on which the node depends, under the required conditions.

    Raises Uncheckable.
    """
    choices, is_sample = template.choices(node, required)
    found = False
    for choice in choices:
        resolver = Resolver(template, choice)
        if all(resolver.is_true(name) is value for name, value in required.items()):
            found = True
            yield resolver
    if is_sample and not found:
        raise Uncheckable


@dataclass
class Resolver:
    """Resolves the nodes of a template for one choice of its parameters and conditions."""

    template: Template
    choice: Choice
    _truths: dict[str, bool] = field(default_factory=dict)

    def node(self, node: yaml.Node | None) -> yaml.Node | None:
        """The node itself or the branch of its Fn::If, or None for AWS::NoValue."""
        while node is not None:
            name, argument = function_of(node)
            if name == "Ref" and text_in(argument) == "AWS::NoValue":
                return None
            if name != "If" or len(items(argument)) != 3:  # noqa: PLR2004 - condition, then, else
                return node
            condition, then, otherwise = items(argument)
            node = then if self.is_true(text_in(condition)) else otherwise
        return None

    def keys(self, node: yaml.Node | None) -> dict[str, yaml.Node]:
        """A mapping's nodes, without those that have no value. Raises Uncheckable."""
        found = self.node(node)
        pairs = nodes_by_key(found).items()
        if found and (function_of(found)[0] or any(key.startswith("Fn::") for key, _ in pairs)):
            raise Uncheckable
        return {key: each for key, value in pairs if (each := self.node(value)) is not None}

    def text(self, node: yaml.Node) -> TemplateText:
        """The text that a node resolves to. Raises NotText."""
        unknowns = Unknowns()
        text = self._text(node, {}, unknowns)
        self.template.budget.spend(len(text))
        scalar = next((each for each in scalars(node) if each.style in {"|", ">"}), None)
        line = (scalar or node).start_mark.line + 1
        keeps_lines = scalar is not None and scalar.style == "|"
        return TemplateText(text, unknowns, line + (scalar is not None), keeps_lines)

    def is_true(self, condition: str) -> bool:
        """Whether a condition holds."""
        if condition not in self._truths:
            self._truths[condition] = True  # for a condition that refers to itself
            node = self.template.conditions.get(condition)
            self._truths[condition] = (
                self.choice.get(condition_key(condition)) != "false"
                if node is None
                else self._holds(node)
            )
        return self._truths[condition]

    def _holds(self, node: yaml.Node) -> bool:
        function, argument = function_of(node)
        match function:
            case "Condition":
                return self.is_true(text_in(argument))
            case "Not":
                return not all(map(self._holds, items(argument)))
            case "Or":
                return any(map(self._holds, items(argument)))
            case "Equals":
                sides = map(function_of, items(argument))
                return len({self._side(name, text_in(each)) for name, each in sides}) == 1
            case _:
                return all(map(self._holds, items(argument)))

    def _side(self, function: str, text: str) -> str | None:
        return self.template.value(text, self.choice) if function == "Ref" else text

    def _text(self, given: yaml.Node, own: Mapping[str, str], unknowns: Unknowns) -> str:
        node = self.node(given)
        if node is None:
            return ""
        function, argument = function_of(node)
        if function:
            return self._returned(function, argument, own, unknowns)
        if isinstance(node, yaml.ScalarNode):
            return unknowns.replace(_DYNAMIC, text_in(node))
        raise NotText

    def _returned(
        self, function: str, argument: yaml.Node, own: Mapping[str, str], unknowns: Unknowns
    ) -> str:
        """The text that a function returns."""
        match function:
            case "Sub":
                return self._substituted(argument, own, unknowns)
            case "Ref":
                return self._value(text_in(argument), own, unknowns)
            case "Join" if _is_of_a_list(argument):
                delimiter, parts = items(argument)[:2]
                texts = (self._text(part, own, unknowns) for part in self._items(parts))
                return self._joined(text_in(delimiter), texts)
            case "ToJsonString":
                return self._json(argument, unknowns)
            case _:
                picked = self._picked(function, argument)
                if picked is not None:
                    return self._text(picked, own, unknowns)
                return unknowns.mark(_label(function, argument))

    def _picked(self, function: str, argument: yaml.Node) -> yaml.Node | None:
        """The item that Fn::Select or Fn::FindInMap returns, or None if it is unknown."""
        if function == "Select" and _is_of_a_list(argument):
            index, parts = items(argument)[:2]
            each = zip(map(str, count()), self._items(parts), strict=False)
            return dict(each).get(text_in(index))
        if function != "FindInMap":
            return None
        keys = [self._text(each, {}, Unknowns()) for each in items(argument)[:3]]
        if any(map(MARK.search, keys)):
            return None
        found: Any = self.template.mappings
        for key in keys:
            found = found.get(key, {}) if isinstance(found, Mapping) else {}
        if isinstance(found, yaml.Node):
            return found if isinstance(found, yaml.ScalarNode) else None
        default = nodes_by_key([argument, *items(argument)][-1]).get("DefaultValue")
        if default is None:
            raise Impossible
        return default

    def _joined(self, delimiter: str, texts: Iterable[str]) -> str:
        """The joined texts, up to a length that no input can have."""
        found: list[str] = []
        length = 0
        for each in texts:
            found.append(each)
            length += len(each) + len(delimiter)
            if length > LONGEST_TEXT:
                raise TooMuchWork
        return delimiter.join(found)

    def _items(self, node: yaml.Node) -> list[yaml.Node]:
        return [each for item in items(node) if (each := self.node(item)) is not None]

    def _substituted(self, argument: yaml.Node, own: Mapping[str, str], unknowns: Unknowns) -> str:
        parts = items(argument)
        if parts:
            for name, value in (
                pair for mapping in parts[1:] for pair in self.keys(mapping).items()
            ):
                own = {**own, name: self._text(value, {}, unknowns)}
            return self._substituted(parts[0], own, unknowns)
        if not isinstance(argument, yaml.ScalarNode):
            return unknowns.mark("…")
        parts_of_text = PLACEHOLDER.split(argument.value)
        literals, escapes, names = parts_of_text[::3], parts_of_text[1::3], parts_of_text[2::3]
        values = (
            f"${{{name}}}" if escape else self._value(name, own, unknowns)
            for escape, name in zip(escapes, names, strict=True)
        )
        pairs = zip(literals, chain(values, [""]), strict=True)
        text = self._joined("", chain.from_iterable(pairs))
        return unknowns.replace(_DYNAMIC, text)

    def _value(self, name: str, own: Mapping[str, str], unknowns: Unknowns) -> str:
        if name in own:
            # Each place where a value is used has its own marks.
            return MARK.sub(lambda match: unknowns.mark(unknowns.shown(match[0])), own[name])
        known = self.template.value(name, self.choice)
        return unknowns.mark(f"${{{name}}}") if known is None else known

    def _json(self, given: yaml.Node, unknowns: Unknowns) -> str:
        """The JSON of a node. Values that might not be strings become marks outside quotes."""
        node = self.node(given)
        if node is None:
            return "null"
        function, argument = function_of(node)
        if function in _STRINGS or (
            function == "Ref" and text_in(argument) not in self.template.lists
        ):
            return _json_string(self._text(node, {}, unknowns))
        if function:
            return unknowns.mark(_label(function, argument))
        if isinstance(node, yaml.SequenceNode):
            return (
                f"[{self._joined(',', (self._json(each, unknowns) for each in self._items(node)))}]"
            )
        if isinstance(node, yaml.MappingNode):
            pairs = self.keys(node).items()
            inner = (f"{json.dumps(name)}:{self._json(each, unknowns)}" for name, each in pairs)
            return f"{{{self._joined(',', inner)}}}"
        value = unknowns.replace(_DYNAMIC, text_in(node))
        return _json_string(value) if MARK.search(value) else json.dumps(_scalar(node))


def _is_of_a_list(argument: yaml.Node) -> bool:
    """Whether the second argument of a function is a list whose items are known."""
    parts = items(argument)
    return (
        len(parts) > 1 and isinstance(parts[1], yaml.SequenceNode) and not function_of(parts[1])[0]
    )


def _label(function: str, argument: yaml.Node) -> str:
    words = ".".join(each.value for each in scalars(argument))
    return f"${{{words}}}" if function == "GetAtt" else f"${{Fn::{function}}}"


def _json_string(text: str) -> str:
    quoted = MARK.split(json.dumps(text, ensure_ascii=False))
    marks = MARK.findall(text)
    return quoted[0] + "".join(mark + part for mark, part in zip(marks, quoted[1:], strict=True))


def _scalar(node: yaml.Node) -> Any:
    """The scalar as the type that YAML gives it."""
    if not isinstance(node, yaml.ScalarNode) or node.style:
        return str(node.value)
    tag: str = _RESOLVER.resolve(yaml.ScalarNode, node.value, (True, False))  # type: ignore[no-untyped-call]
    tag = tag.rpartition(":")[2]
    if tag in {"bool", "int", "float", "null"}:
        typed = yaml.ScalarNode(f"tag:yaml.org,2002:{tag}", node.value)
        try:
            return yaml.SafeLoader("").construct_object(typed)
        except ValueError:
            return str(node.value)
    return str(node.value)
