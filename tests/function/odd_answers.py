"""Replays recorded AWS responses in which a field is missing or malformed."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from botocore.exceptions import ClientError

Path = tuple[Any, ...]
GONE = object()  # replaces the value of a removed field
OTHER_TYPES = (None, "odd", 7, ["odd"], {"odd": 1})
READING = ("get_", "list_", "describe_")


@dataclass(frozen=True)
class Oddity:
    """Replaces or removes the field at a path in the response to a call."""

    call: str
    path: Path
    value: Any

    def applied(self, answer: Any) -> Any:
        """The response with the change unless another one has already removed the field.

        Shares everything outside the path with the given response.
        """
        try:
            return _changed(answer, self.path, self.value)
        except (KeyError, IndexError, TypeError):
            return answer

    def __str__(self) -> str:
        value = "nothing" if self.value is GONE else repr(self.value)
        return f"{self.call}: {value} at {'.'.join(map(str, self.path))}"


def _changed(answer: Any, path: Path, value: Any) -> Any:
    changed = copy.copy(answer)
    first, *rest = path
    if rest:
        changed[first] = _changed(answer[first], tuple(rest), value)
    elif value is GONE:
        del changed[first]
    else:
        changed[first] = value
    return changed


def oddities(answers: dict[str, Any]) -> list[Oddity]:
    """List every change of one field: removed, null, another type or an unknown value."""
    return [
        Oddity(call, path, value)
        for call, answer in answers.items()
        for path, original in _places(answer)
        for value in _values(path, original)
    ]


def _places(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    if path:
        yield path, value
    if isinstance(value, dict):
        yield (*path, "odd"), GONE
        for name, inner in value.items():
            yield from _places(inner, (*path, name))
    if isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _places(inner, (*path, number))


def _values(path: Path, original: Any) -> Iterator[Any]:
    if original is GONE:  # a field that AWS does not document
        yield {"odd": 1}
        return
    if isinstance(path[-1], str):
        yield GONE
    yield from (each for each in OTHER_TYPES if type(each) is not type(original))
    if "status" in str(path[-1]).lower() and isinstance(original, str):
        yield "Paused"


@dataclass
class Recorded:
    """A client that repeats recorded responses, changed by oddities.

    A call that changes something is sent to AWS only once.
    """

    client: Any
    answers: dict[str, Any] = field(default_factory=dict)
    odd: Sequence[Oddity] = ()
    made: list[str] = field(default_factory=list)  # the names of the operations that were called

    def oddly(self, odd: Sequence[Oddity]) -> Self:
        return type(self)(self.client, self.answers, odd)

    @property
    def exceptions(self) -> Any:
        return self.client.exceptions

    def get_paginator(self, name: str) -> Any:
        return _Paginator(getattr(self, name))

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(**asked: Any) -> Any:
            self.made.append(name)
            key = f"{name} {json.dumps(asked, sort_keys=True, default=str)}"
            if key not in self.answers:
                self.answers[key] = self._asked(name, asked)
            answer = self.answers[key]
            for each in self.odd:
                if each.call == key:
                    answer = each.applied(answer)
            return answer

        return call

    def _asked(self, name: str, asked: dict[str, Any]) -> Any:
        if self.odd and not name.startswith(READING):
            raise ClientError({"Error": {"Code": "ConflictException", "Message": "odd"}}, name)
        answer = getattr(self.client, name)(**asked)
        answer.pop("ResponseMetadata", None)
        return answer


class Obliging(Recorded):
    """A recorded client whose write calls succeed without any effect."""

    def _asked(self, name: str, asked: dict[str, Any]) -> Any:
        return super()._asked(name, asked) if name.startswith(READING) else {}


@dataclass(frozen=True)
class _Paginator:
    call: Callable[..., Any]

    def paginate(self, **asked: Any) -> Iterator[Any]:
        asked.pop("PaginationConfig", None)
        yield self.call(**asked)
