"""The mutants of the state machine. Each is the definition with one small change."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from codepipeline_sandbox.stepfunctions.language.fields import DefinitionProblem
from codepipeline_sandbox.stepfunctions.language.jsonata import CLOSE, OPEN, is_expression
from codepipeline_sandbox.stepfunctions.machine import parse
from tests.mutation import expressions, visited

MODULE = "statemachine"
_TEMPLATES = {"Assign", "Output", "Arguments"}
_FIXED = {"FunctionName", "TableName"}  # not mutated, because every run would fail
_VALUES = {"TimeoutSeconds", "IntervalSeconds", "MaxAttempts", "MaxDelaySeconds", "BackoffRate"}
_VALUES |= {"Seconds", "Timestamp", "Condition", "Error", "Cause"}
_TRANSITIONS = {"Next", "Default", "StartAt"}
_COMPARISON = re.compile(r"^\{% (\S+) = '(\w+)'(?=\s+(?:and\s|%))")
_CONDITION = re.compile(r" OR | AND |(?<= )[<>=]+(?= )")
_CONDITION_CHANGES = {" OR ": " AND ", " AND ": " OR ", "<": ">", "=": "<>"}

_Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Mutant:
    name: str  # without a line number, such as statemachine.PollLater.Assign.run: $max -> $min
    text: str
    place: str  # a test must visit this place to notice the change


def of(definition: dict[str, Any]) -> Iterator[Mutant]:
    """Yield every mutant that Step Functions would accept, in the order of the definition."""
    seen: Counter[str] = Counter()
    for change in _changes(definition):
        text = json.dumps(_changed(definition, change))
        if _is_accepted(text):
            named = _named(definition, change.about or change.path)
            name = f"{MODULE}.{named}: {change.shown}"
            seen[name] += 1
            nth = f" ({seen[name]})" if seen[name] > 1 else ""
            yield Mutant(name + nth, text, _place(change))


@dataclass(frozen=True)
class _Change:
    path: _Path
    shown: str
    new: Any = None
    left_out: bool = False
    about: _Path = ()  # the part of the value that changes (default: all of it)


def _changes(definition: dict[str, Any]) -> Iterator[_Change]:
    states = definition["States"]
    yield from _elsewhere(states, ("StartAt",), definition["StartAt"], definition)
    for name, state in states.items():
        yield from _of_fields(states, ("States", name), state, state)


def _of_fields(
    states: dict[str, Any], path: _Path, fields: dict[str, Any], state: dict[str, Any]
) -> Iterator[_Change]:
    for name, value in fields.items():
        at = (*path, name)
        if name in _TRANSITIONS:
            yield from _elsewhere(states, at, value, state)
        elif name in _TEMPLATES:
            yield from _of_template(at, value)
        elif name in _VALUES:
            yield from _of_value(at, value)
        elif name == "JitterStrategy":
            yield _Change(at, f"{value} -> left out", left_out=True)
        elif name in {"Choices", "Catch", "Retry"}:
            yield from _of_entries(states, at, value, state)
        elif name == "ErrorEquals" and len(value) > 1:
            for index, error in enumerate(value):
                yield _Change((*at, index), f"{error} -> left out", left_out=True)


def _of_entries(
    states: dict[str, Any], path: _Path, entries: list[Any], state: dict[str, Any]
) -> Iterator[_Change]:
    """Yield changes that remove or change one entry. Choice rules are also reordered."""
    for index, entry in enumerate(entries):
        at = (*path, index)
        if len(entries) > 1:
            yield _Change(at, "left out", left_out=True)
        elif path[-1] != "Choices":
            yield _Change(path, "left out", left_out=True)
        if path[-1] == "Choices" and _may_both_hold(entries[index : index + 2]):
            following = entries[index + 1]
            new = [*entries[:index], following, entry, *entries[index + 2 :]]
            yield _Change(path, f"moved after {following['Next']}", new, about=at)
        yield from _of_fields(states, at, entry, state)


def _may_both_hold(rules: list[Any]) -> bool:
    """Whether two rules can hold at the same time, which makes their order matter."""
    names = [dict(_COMPARISON.findall(rule["Condition"])) for rule in rules]
    return len(rules) > 1 and all(
        names[0].get(what, name) == name for what, name in names[1].items()
    )


def _of_template(path: _Path, value: Any) -> Iterator[_Change]:
    """Yield changes that remove or change one entry. A DynamoDB attribute is removed as a whole."""
    if not isinstance(value, dict):
        yield _Change(path, "left out", left_out=True)
        yield from _of_value(path, value)
        return
    for name, entry in value.items():
        at = (*path, name)
        if name in _FIXED:
            continue
        if isinstance(entry, dict) and entry.keys() <= {"S", "N"}:
            yield _Change(at, "left out", left_out=True)
            for kind, one in entry.items():
                yield from _of_value((*at, kind), one)
        else:
            yield from _of_template(at, entry)


def _of_value(path: _Path, value: Any) -> Iterator[_Change]:
    if isinstance(value, bool):
        yield _Change(path, f"{value} -> {not value}", not value)
    elif isinstance(value, int | float):
        for new in expressions.numbers(value):
            yield _Change(path, f"{value} -> {new}", new)
    elif is_expression(value):
        text = value[len(OPEN) : -len(CLOSE)].strip()
        for each in expressions.of(text):
            yield _Change(path, each.shown, f"{OPEN} {each.applied(text)} {CLOSE}")
    elif path[-1] == "ConditionExpression":
        for match in _CONDITION.finditer(value):
            new = value[: match.start()] + _CONDITION_CHANGES[match[0]] + value[match.end() :]
            shown = f"{match[0].strip()} -> {_CONDITION_CHANGES[match[0]].strip()}"
            yield _Change(path, shown, new)
    elif isinstance(value, str) and path[-1] != "UpdateExpression":
        yield _Change(path, f"{value} -> changed", "changed")


def _elsewhere(
    states: dict[str, Any], path: _Path, following: str, state: dict[str, Any]
) -> Iterator[_Change]:
    """Yield transitions that skip the next state or lead to another successor of this state."""
    skipping = (
        _ways(states[following])[-1:]
        or [name for name, each in states.items() if name != following and not _ways(each)][:1]
    )
    others = [way for way in _ways(state) if way not in {following, *skipping}][:1]
    for new in [*skipping, *others]:
        yield _Change(path, f"{following} -> {new}", new)


def _ways(state: dict[str, Any]) -> list[str]:
    """The successors of a state. The usual one is last."""
    entries = [*state.get("Choices", []), *state.get("Catch", [])]
    ways = [entry["Next"] for entry in entries]
    return [*ways, *(state[name] for name in ("Default", "Next") if name in state)]


def _changed(definition: dict[str, Any], change: _Change) -> dict[str, Any]:
    changed = deepcopy(definition)
    *above, last = change.path
    parent: Any = changed
    for step in above:
        parent = parent[step]
    if change.left_out:
        del parent[last]
    else:
        parent[last] = change.new
    return changed


def _is_accepted(text: str) -> bool:
    try:
        parse(text.replace("${Partition}", "aws"))
    except DefinitionProblem:
        return False
    return True


def _named(definition: Any, path: _Path) -> str:
    """The path as text. An entry of a list is named after the state that it leads to."""
    names, value = [], definition
    for step in path:
        value = value[step]
        if step == "States" or (isinstance(step, int) and not isinstance(value, dict)):
            continue
        names.append(step if isinstance(step, str) else value.get("Next", ""))
    return ".".join(filter(None, names))


def _place(change: _Change) -> str:
    path = change.about or change.path
    if path == ("StartAt",):
        return visited.ANYWHERE
    state = str(path[1])
    match path[2:]:
        case ["Choices", int(index), "Condition"]:
            place = visited.asked(state, index)
        case ["Choices", int(index), *_]:
            place = visited.chosen(state, index)
        case ["Catch", int(index), *_]:
            place = visited.caught(state, index)
        case ["Catch"]:
            place = visited.caught(state, 0)
        case ["Retry", _, "ErrorEquals", _]:
            place = visited.failed(state, change.shown.partition(" ")[0])
        case ["Retry", *_]:
            place = visited.retried(state)
        case _:
            place = state
    return place
