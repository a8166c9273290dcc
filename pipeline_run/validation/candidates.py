"""Finds values for the unknown parts of an input that its fields accept."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice, product
from math import prod
from typing import Any

from codepipeline_orchestrator.input.fields import RunInput
from codepipeline_orchestrator.input.mistakes import WAITER_FIELDS
from codepipeline_orchestrator.input.parsing import ADDED_BY_AWS, WAITERS_NAMES
from pipeline_run.validation.budget import Budget
from pipeline_run.validation.patterns import values
from pipeline_run.validation.unknowns import MARK, QUOTE

Filling = dict[str, str]  # a value for each mark, escaped as JSON
Path = tuple[str | int, ...]

_MOST_FILLINGS = 200
_MOST_BARE = 3  # values outside of quotes for which all types are tried
_DEEPEST = 20
_PER_NAME = 20_000  # the cost of finding an unknown name, in characters
# Fields whose value decides whether other fields or items are valid. All of their values are tried.
_DECIDING = {"mode", "wait", "trigger", "revisionType"}
_SAMPLES = (
    "run",
    "2026-01-05T09:00:00Z",
    "2026-01-05T09:00:00.000000Z",
    "2026-01-05T09:00:00+00:00",
)
_OURS = {waiters: ours for ours, waiters in WAITERS_NAMES.items()}
_TRIGGER = {"anyOf": [{"type": "boolean"}, {"type": "string", "enum": ["true", "false"]}]}


@dataclass(frozen=True)
class Leaf:
    """A value or a name in an input that is unknown, at least in part."""

    path: Path
    text: str  # with its marks
    beside: tuple[str, ...] | None = None  # for a name, the other names in the object

    @property
    def is_name(self) -> bool:
        """Whether this is the name of a field."""
        return self.beside is not None

    @property
    def is_bare(self) -> bool:
        """Whether the value is not inside quotes, so that it may have any type."""
        return self.text.startswith(QUOTE)

    @property
    def decides(self) -> bool:
        """Whether other fields or items are valid only with some values of this one."""
        return self.is_name or (bool(self.path) and self.path[-1] in _DECIDING)

    @property
    def is_whole(self) -> bool:
        """Whether all of the text is unknown."""
        return not MARK.sub("", self.bare_text)

    @property
    def bare_text(self) -> str:
        """The text without the quotes around a bare value."""
        return self.text.strip(QUOTE)


def leaves(value: Any, path: Path = ()) -> Iterator[Leaf]:
    """Every unknown value and name in a document."""
    if len(path) > _DEEPEST:
        return  # the parser refuses it
    if isinstance(value, dict):
        for name, each in value.items():
            if MARK.search(name):
                yield Leaf((*path, name), name, beside=tuple(value))
            yield from leaves(each, (*path, name))
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from leaves(each, (*path, index))
    elif isinstance(value, str) and MARK.search(value):
        yield Leaf(path, value)


def fillings(found: list[Leaf], shown: list[str], budget: Budget) -> tuple[Iterator[Filling], bool]:
    """The fillings to try, and whether these are all that can make a difference.

    `shown` is each leaf as written: equal ones receive equal values. Raises TooMuchWork.
    """
    numbers = {text: number for number, text in enumerate(dict.fromkeys(shown))}
    tries_bare = sum(leaf.is_bare for leaf in found) <= _MOST_BARE
    tried = []
    for leaf, text in zip(found, shown, strict=True):
        marks = len(MARK.findall(leaf.text))
        budget.spend(_PER_NAME if leaf.is_name else 20 * len(text) + 300 * marks**2)
        options = _options(leaf, numbers[text])
        every = leaf.decides or (leaf.is_bare and (tries_bare or not leaf.is_whole))
        tried.append(list(options if every else islice(options, 1)))
    # The leaves that decide vary first, because `product` varies its last arguments first.
    order = sorted(range(len(found)), key=lambda at: (found[at].decides, found[at].is_name))
    chosen = islice(product(*(tried[at] for at in order)), _MOST_FILLINGS)
    merged = ({mark: value for each in some for mark, value in each.items()} for some in chosen)
    return merged, prod(map(len, tried)) <= _MOST_FILLINGS


def _options(leaf: Leaf, number: int) -> Iterator[Filling]:
    found = _names(leaf, number) if leaf.is_name else _bare(leaf, number) if leaf.is_bare else None
    if found is None:
        schemas = _schemas(leaf.path)
        found = (each for schema in schemas for each in _strings(leaf.text, schema, number))
    first = next(found, None)
    yield _same(leaf.text, _word(number)) if first is None else first
    yield from found


def _bare(leaf: Leaf, number: int) -> Iterator[Filling]:
    marks = MARK.findall(leaf.bare_text)
    if not leaf.is_whole:
        yield from (_same(leaf.bare_text, each) for each in ("", "1", "0"))
        words = [_matched(leaf.bare_text, each) for each in ("true", "false", "null")]
        yield from (each for each in words if each is not None)
        return
    given = [each for schema in _schemas(leaf.path) for each in _values(schema, number)]
    rest = dict.fromkeys(marks[1:], "")
    yield from ({marks[0]: json.dumps(each), **rest} for each in given or [1])


def _names(leaf: Leaf, number: int) -> Iterator[Filling]:
    owner = _schemas(leaf.path[:-1])
    known = [name for schema in owner for name in schema.get("properties", {})]
    if len(leaf.path) == 1:
        known += [*WAITER_FIELDS, *ADDED_BY_AWS]
    free = [name for name in known if name not in (leaf.beside or ())]
    matched = [_matched(leaf.bare_text, name) for name in _rotated(free, number)]
    yield from (each for each in matched if each is not None)


def _strings(text: str, schema: dict[str, Any], number: int) -> Iterator[Filling]:
    """The values with which a text inside quotes is valid."""
    if schema.get("type") != "string":
        return
    if "enum" in schema:
        matched = [_matched(text, each) for each in _rotated(schema["enum"], number)]
        yield from (each for each in matched if each is not None)
        return
    if len(MARK.sub("", text)) > schema.get("maxLength", len(text)):
        return
    for filling in _guesses(text, schema.get("pattern"), _word(number)):
        if filling is not None:
            padded = _padded(text, filling, schema.get("minLength", 0))
            if _is_valid(_fill(text, padded), schema):
                yield padded


def _guesses(text: str, pattern: str | None, word: str) -> Iterator[Filling | None]:
    yield _same(text, word)
    yield _first(text, word)
    yield _first(text, f"{word}.{word}")
    yield _first(text, "")
    if pattern:
        yield from (_matched(text, each) for each in _SAMPLES)
        yield from (values(text, pattern, prefer=each) for each in ("1", "0", "2"))


def _is_valid(text: str, schema: dict[str, Any]) -> bool:
    fits = schema.get("minLength", 0) <= len(text) <= schema.get("maxLength", len(text))
    return fits and re.search(schema.get("pattern", ""), text) is not None


def _padded(text: str, filling: Filling, least: int) -> Filling:
    missing = least - len(_fill(text, filling))
    first = MARK.findall(text)[0]
    return {**filling, first: filling[first] + "a" * missing} if missing > 0 else filling


def _values(schema: dict[str, Any], number: int) -> list[Any]:
    """Values of any type that are valid."""
    if "enum" in schema:
        return _rotated(schema["enum"], number)
    kind = schema.get("type")
    if kind == "string":
        mark = "\ud800"
        return [each[mark] for each in islice(_strings(mark, schema, number), 1)]
    if kind == "array":
        return [[_values(_resolved(schema["items"])[0], number)[0]]]
    if kind == "object":
        required = {name: schema["properties"][name] for name in schema["required"]}
        return [{name: _values(_resolved(each)[0], number)[0] for name, each in required.items()}]
    simple: dict[str, list[Any]] = {"boolean": [True, False], "integer": [1], "null": [None]}
    return simple[str(kind)]


def _rotated(members: list[str], number: int) -> list[str]:
    start = number % (len(members) or 1)
    return [*members[start:], *members[:start]]


def _word(number: int) -> str:
    """A made-up word, different for each number."""
    return f"x{number}y"


def _same(text: str, value: str) -> Filling:
    return dict.fromkeys(MARK.findall(text), value)


def _first(text: str, value: str) -> Filling:
    marks = MARK.findall(text)
    return {**dict.fromkeys(marks, ""), marks[0]: value}


def _matched(text: str, whole: str) -> Filling | None:
    """The values with which a text becomes the whole one, or None."""
    marks = MARK.findall(text)
    pattern = MARK.sub("(.*)", re.sub(r"([^\w\ud800-\udffe])", r"\\\1", text))
    match = re.fullmatch(pattern, whole, re.DOTALL)
    return dict(zip(marks, match.groups(), strict=True)) if match else None


def _fill(text: str, filling: Filling) -> str:
    return MARK.sub(lambda match: filling.get(match[0], ""), text)


@cache
def _schema() -> dict[str, Any]:
    return RunInput.model_json_schema(by_alias=True)


def _resolved(schema: dict[str, Any]) -> list[dict[str, Any]]:
    """The alternatives of a schema, without references."""
    if "$ref" in schema:
        return _resolved(_schema()["$defs"][schema["$ref"].rpartition("/")[2]])
    return (
        [one for each in schema["anyOf"] for one in _resolved(each)]
        if "anyOf" in schema
        else [schema]
    )


def _schemas(path: Path) -> list[dict[str, Any]]:
    """The schemas that allow a value at the path, or none if the field is unknown."""
    found = [_schema()]
    for depth, part in enumerate(path):
        if depth == 0 and part == "trigger":
            found = _resolved(_TRIGGER)
            continue
        name = _OURS.get(str(part), part) if depth == 0 else part
        inner = [
            each["items"] if isinstance(name, int) else each.get("properties", {}).get(name)
            for each in found
            if not isinstance(name, int) or "items" in each
        ]
        found = [one for each in inner if each is not None for one in _resolved(each)]
    return found
