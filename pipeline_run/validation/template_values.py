"""Values in CloudFormation templates, with intrinsic functions resolved."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain, product
from typing import Any

import yaml

from pipeline_run.validation.budget import LONGEST_TEXT, Budget, TooMuchWork
from pipeline_run.validation.nodes import items, nodes_by_key, scalars
from pipeline_run.validation.unknowns import MARK, Unknowns

# Pseudo parameters that, unlike the account, usually have the same value everywhere.
_PSEUDO = {"AWS::Partition": "aws", "AWS::URLSuffix": "amazonaws.com"}
_PLACEHOLDER = re.compile(r"\$\{(!?)\s*([^{}]*?)\s*\}")
_DYNAMIC = re.compile(r"\{\{resolve:[^{}]*\}\}")  # CloudFormation reads these from other services
# Functions that always return a string.
_STRINGS = {"Sub", "Join", "ImportValue", "Base64", "ToJsonString"}
_MOST_CONDITIONS = 6  # whose combinations are all checked
_PER_CONDITION = 20  # the cost of a condition in a combination, in characters
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


@dataclass(frozen=True)
class Parameters:
    """The template's parameters and conditions, as far as they are known."""

    defaults: Mapping[str, str] = field(default_factory=dict)
    lists: frozenset[str] = frozenset()  # parameters that are lists
    opposites: Mapping[str, str] = field(default_factory=dict)  # conditions that negate another
    budget: Budget = field(default_factory=Budget)

    @classmethod
    def of(cls, template: yaml.Node | None, budget: Budget) -> Parameters:
        """Read the parameters and conditions of a template."""
        sections = nodes_by_key(template)
        defaults, lists = {}, set()
        for name, parameter in nodes_by_key(sections.get("Parameters")).items():
            inner = nodes_by_key(parameter)
            kind = text_in(inner.get("Type"))
            default = inner.get("Default")
            if "List" in kind:
                lists.add(name)
            elif text_in(default) and not kind.startswith("AWS::SSM::"):
                defaults[name] = text_in(default)  # an empty default asks for another value
        return cls(defaults, frozenset(lists), dict(_opposites(sections.get("Conditions"))), budget)


def text_in(node: yaml.Node | None) -> str:
    """A scalar's text. Empty for any other node."""
    return str(node.value) if isinstance(node, yaml.ScalarNode) else ""


def mentions(node: yaml.Node | None, parameters: Parameters) -> str:
    """All words in a reference. They show whether it refers to codepipeline-orchestrator."""
    words = [scalar.value for scalar in scalars(node)]
    known = parameters.defaults
    return " ".join([*words, *(known[word] for word in words if word in known)])


def choices(node: yaml.Node, parameters: Parameters) -> Iterator[dict[str, bool]]:
    """The combinations of conditions to check: all of them, or a sample if there are many."""
    names = sorted({parameters.opposites.get(each, each) for each in _conditions(node)})
    for chosen in _combinations(names) if len(names) <= _MOST_CONDITIONS else _sample(names):
        parameters.budget.spend(_PER_CONDITION * len(names))
        yield chosen


def _combinations(names: list[str]) -> Iterator[dict[str, bool]]:
    for each in product((True, False), repeat=len(names)):
        yield dict(zip(names, each, strict=True))


def _sample(names: list[str]) -> Iterator[dict[str, bool]]:
    """All conditions true, all false, and each one different from the others."""
    for value in (True, False):
        every = dict.fromkeys(names, value)
        yield every
        yield from ({**every, name: not value} for name in names)


@dataclass
class Resolver:
    """Resolves the nodes of a template for one choice of its conditions."""

    parameters: Parameters
    chosen: Mapping[str, bool] = field(default_factory=dict)

    def node(self, node: yaml.Node | None) -> yaml.Node | None:
        """The node itself or the branch of its Fn::If, or None for AWS::NoValue."""
        while node is not None:
            name, argument = _function(node)
            if name == "Ref" and text_in(argument) == "AWS::NoValue":
                return None
            if name != "If" or len(items(argument)) != 3:  # noqa: PLR2004 - condition, then, else
                return node
            condition, then, otherwise = items(argument)
            node = then if self._is_true(text_in(condition)) else otherwise
        return None

    def keys(self, node: yaml.Node | None) -> dict[str, yaml.Node]:
        """A mapping's nodes, without those that have no value."""
        pairs = nodes_by_key(self.node(node)).items()
        return {key: each for key, value in pairs if (each := self.node(value)) is not None}

    def text(self, node: yaml.Node) -> TemplateText:
        """The text that a node resolves to. Raises NotText."""
        unknowns = Unknowns()
        text = self._text(node, {}, unknowns)
        self.parameters.budget.spend(len(text))
        scalar = next((each for each in scalars(node) if each.style in {"|", ">"}), None)
        line = (scalar or node).start_mark.line + 1
        keeps_lines = scalar is not None and scalar.style == "|"
        return TemplateText(text, unknowns, line + (scalar is not None), keeps_lines)

    def _is_true(self, condition: str) -> bool:
        opposite = self.parameters.opposites.get(condition)
        if opposite is not None:
            return not self.chosen.get(opposite, True)
        return self.chosen.get(condition, True)

    def _text(self, given: yaml.Node, own: Mapping[str, str], unknowns: Unknowns) -> str:
        node = self.node(given)
        if node is None:
            return ""
        function, argument = _function(node)
        if not function and not isinstance(node, yaml.ScalarNode):
            raise NotText
        match function:
            case "":
                text = unknowns.replace(_DYNAMIC, text_in(node))
            case "Sub":
                text = self._substituted(argument, own, unknowns)
            case "Ref":
                text = self._value(text_in(argument), own, unknowns)
            case "Join" if _is_of_a_list(argument):
                delimiter, parts = items(argument)[:2]
                texts = (self._text(part, own, unknowns) for part in self._items(parts))
                text = self._joined(text_in(delimiter), texts)
            case "ToJsonString":
                text = self._json(argument, unknowns)
            case _:
                text = unknowns.mark("…")
        return text

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
        parts_of_text = _PLACEHOLDER.split(argument.value)
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
        known = _PSEUDO.get(name, self.parameters.defaults.get(name))
        return unknowns.mark(f"${{{name}}}") if known is None else known

    def _json(self, given: yaml.Node, unknowns: Unknowns) -> str:
        """The JSON of a node. Values that are not certainly strings are marks outside quotes."""
        node = self.node(given)
        if node is None:
            return "null"
        function, argument = _function(node)
        if function in _STRINGS or (
            function == "Ref" and text_in(argument) not in self.parameters.lists
        ):
            return _json_string(self._text(node, {}, unknowns))
        if function:
            return unknowns.mark("…")
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
    """Whether the argument of Fn::Join is a list whose items are known."""
    parts = items(argument)
    return len(parts) > 1 and isinstance(parts[1], yaml.SequenceNode) and not _function(parts[1])[0]


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


def _function(node: yaml.Node) -> tuple[str, yaml.Node]:
    """The intrinsic function of a node and its argument. The name is empty if there is none."""
    if node.tag.startswith("!") and len(node.tag) > 1:
        return node.tag.removeprefix("!"), node
    inner = nodes_by_key(node)
    if len(inner) == 1:
        ((key, argument),) = inner.items()
        if key in {"Ref", "Condition"} or key.startswith("Fn::"):
            return key.removeprefix("Fn::"), argument
    return "", node


def _conditions(node: yaml.Node) -> Iterator[str]:
    """The conditions of every Fn::If in a node."""
    function, argument = _function(node)
    if function == "If" and items(argument):
        yield text_in(items(argument)[0])
    for each in [*items(node), *nodes_by_key(node).values()]:
        yield from _conditions(each)


def _opposites(conditions: yaml.Node | None) -> Iterator[tuple[str, str]]:
    for name, node in nodes_by_key(conditions).items():
        function, argument = _function(node)
        if function == "Not" and len(items(argument)) == 1:
            inner, negated = _function(items(argument)[0])
            if inner == "Condition":
                yield name, text_in(negated)
