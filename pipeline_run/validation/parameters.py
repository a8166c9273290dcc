"""The parameters, conditions and mappings of a CloudFormation template."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice, product
from math import prod
from typing import TYPE_CHECKING

from pipeline_run.validation.budget import Budget
from pipeline_run.validation.nodes import function_of, functions, items, nodes_by_key, text_in

if TYPE_CHECKING:
    import yaml

PLACEHOLDER = re.compile(r"\$\{(!?)\s*([^{}]*?)\s*\}")
# A value for each parameter, or None for one that the template does not contain, and "true" or
# "false" for each condition that does not follow from parameters.
Choice = Mapping[str, str | None]

# Pseudo parameters that, unlike the account, usually have the same value everywhere.
_PSEUDO = {"AWS::Partition": "aws", "AWS::URLSuffix": "amazonaws.com"}
_Variables = Mapping[str, Sequence[str | None]]
_Values = tuple[str | None, ...]
_CONDITIONAL = {"If", "Condition"}  # functions whose argument names a condition
_MOST_CHOICES = 64  # that are all checked
_PER_VARIABLE = 60  # the cost of a parameter or condition in a choice, in characters


@dataclass(frozen=True)
class Template:
    """The sections of a template that decide what its values are."""

    # For each parameter: the allowed values, or the default. None is an unknown value.
    values: Mapping[str, Sequence[str | None]] = field(default_factory=dict)
    closed: frozenset[str] = frozenset()  # parameters with allowed values
    lists: frozenset[str] = frozenset()  # parameters that are lists
    conditions: Mapping[str, yaml.Node] = field(default_factory=dict)  # that follow from parameters
    mappings: Mapping[str, Mapping[str, Mapping[str, yaml.Node]]] = field(default_factory=dict)
    budget: Budget = field(default_factory=Budget)

    @classmethod
    def of(cls, root: yaml.Node | None, budget: Budget) -> Template:
        """Read the sections of a template."""
        sections = nodes_by_key(root)
        values: dict[str, list[str | None]] = {}
        closed, lists = set(), set()
        for name, parameter in nodes_by_key(sections.get("Parameters")).items():
            inner = nodes_by_key(parameter)
            kind = text_in(inner.get("Type"))
            allowed = [text_in(each) for each in items(inner.get("AllowedValues"))]
            if "List" in kind:
                lists.add(name)
            elif allowed and not kind.startswith("AWS::SSM::"):
                closed.add(name)
                values[name] = [*allowed]
            elif not kind.startswith("AWS::SSM::"):
                # An empty default asks for another value.
                values[name] = [text_in(inner.get("Default")) or None]
        conditions = nodes_by_key(sections.get("Conditions"))
        return cls(
            values,
            frozenset(closed),
            frozenset(lists),
            {name: each for name, each in conditions.items() if _follows_from_parameters(each)},
            {
                name: {key: nodes_by_key(each) for key, each in nodes_by_key(mapping).items()}
                for name, mapping in nodes_by_key(sections.get("Mappings")).items()
            },
            budget,
        )

    def in_loop(self, loop: Sequence[yaml.Node]) -> Template:
        """The template in the body of an Fn::ForEach, whose variable has one of several values."""
        name, collection = text_in(loop[0]), [] if function_of(loop[1])[0] else items(loop[1])
        known = [None if function_of(each)[0] else text_in(each) for each in collection] or [None]
        return replace(self, values={**self.values, name: known}, closed=self.closed | {name})

    def choices(self, node: yaml.Node, conditions: Iterable[str]) -> tuple[Iterator[Choice], bool]:
        """The choices on which the node and the conditions depend, and whether it is a sample."""
        variables = self._variables(node, conditions)
        many = prod(len(each) for each in variables.values()) > _MOST_CHOICES
        values = _sample(variables) if many else product(*variables.values())
        return self._choices(variables, values), many

    def _choices(self, variables: _Variables, values: Iterable[_Values]) -> Iterator[Choice]:
        for each in values:
            self.budget.spend(_PER_VARIABLE * len(variables))
            yield dict(zip(variables, each, strict=True))

    def value(self, parameter: str, choice: Choice) -> str | None:
        """A parameter's value, or None if it is unknown."""
        return choice[parameter] if parameter in choice else self._known(parameter)[0]

    def _known(self, parameter: str) -> Sequence[str | None]:
        return self.values.get(parameter, [_PSEUDO.get(parameter)])

    def _variables(self, node: yaml.Node, conditions: Iterable[str]) -> _Variables:
        """The parameters and conditions that decide a node's value, each with several values."""
        found: dict[str, Sequence[str | None]] = {}
        nodes, names, seen = [node], list(conditions), set()
        while nodes or names:
            for function, argument in functions(nodes.pop()) if nodes else ():
                names += [text_in([*items(argument), argument][0])] * (function in _CONDITIONAL)
                for parameter, values in self._used(function, argument):
                    known = found.get(parameter, self._known(parameter))
                    if parameter not in self.closed:
                        known = list(dict.fromkeys([*known, *values]))
                    if function == "FindInMap":  # CloudFormation accepts only keys that exist
                        known = [each for each in known if each is not None] or [None]
                    found[parameter] = known
            name = names.pop() if names else None
            if name is not None and name not in seen:
                seen.add(name)
                if name in self.conditions:
                    nodes.append(self.conditions[name])
                else:
                    found[condition_key(name)] = ["true", "false"]
        return {name: values for name, values in found.items() if len(values) > 1}

    def _used(self, function: str, argument: yaml.Node) -> Iterator[tuple[str, list[str]]]:
        """The parameters that a function uses, with the values that make a difference."""
        parts = items(argument)
        names = [text_in(each) if name == "Ref" else "" for name, each in map(function_of, parts)]
        match function:
            case "Ref":
                yield text_in(argument), []
            case "Sub":
                text = text_in([*parts, argument][0])
                yield from ((each[2], []) for each in PLACEHOLDER.finditer(text) if not each[1])
            case "Equals" if _is_comparison(argument):
                literals = [text_in(each) for each in parts if not function_of(each)[0]]
                yield from ((name, literals) for name in names if name)
            case "FindInMap":
                mapping = self.mappings.get(text_in([*parts, argument][0]), {})
                second = list(dict.fromkeys(key for each in mapping.values() for key in each))
                pairs = zip(names[1:3], ([*mapping], second), strict=False)
                yield from ((name, keys) for name, keys in pairs if name)


def condition_key(name: str) -> str:
    """The key of a condition in a choice."""
    return f"Condition {name}"


def _is_comparison(argument: yaml.Node) -> bool:
    """Whether each side of an Fn::Equals is a literal or a parameter, and one is a literal."""
    names = [function_of(each)[0] for each in items(argument)]
    return sorted(names) in (["", ""], ["", "Ref"])


def _follows_from_parameters(condition: yaml.Node) -> bool:
    return all(
        _is_comparison(argument)
        for function, argument in functions(condition)
        if function == "Equals"
    )


def _sample(variables: _Variables) -> Iterator[_Values]:
    """All first values, all last values, and each of these with one difference."""
    for place in (0, -1):
        every = {name: values[place] for name, values in variables.items()}
        yield tuple(every.values())
        for name, values in variables.items():
            for value in islice(values, _MOST_CHOICES):
                if value != every[name]:
                    yield tuple({**every, name: value}.values())
