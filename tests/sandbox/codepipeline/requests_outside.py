"""Derives invalid requests from a valid one. Each violates the API model in one place only."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from botocore.model import Shape

Request = dict[str, Any]


def outside_limits(shape: Shape, request: Request) -> Iterator[tuple[str, Request]]:
    for place, inner, _ in _places(shape, request):
        for words, value in _breaking(inner):
            yield words, _with(request, place, value)


def incomplete(shape: Shape, request: Request) -> Iterator[tuple[str, Request]]:
    for place, inner, _ in _places(shape, request):
        if inner.type_name == "structure":
            for name in inner.required_members:
                yield name, _without(request, (*place, name))


def of_wrong_types(shape: Shape, request: Request) -> Iterator[Request]:
    for place, inner, _ in _places(shape, request):
        if place:
            scalar = inner.type_name in {"string", "integer", "boolean", "timestamp"}
            yield _with(request, place, {"a": ["b"]} if scalar else 1)


def _breaking(shape: Shape) -> Iterator[tuple[str, Any]]:
    limits = shape.metadata
    if shape.type_name == "string":
        if "max" in limits:
            yield f"less than or equal to {limits['max']}", "x" * (limits["max"] + 1)
        if limits.get("min", 0) > 0:
            yield f"greater than or equal to {limits['min']}", ""
        if "pattern" in limits and ".*" not in limits["pattern"]:
            yield "regular expression pattern", "\N{SNOWMAN}\n"
        if "enum" in limits:
            yield "enum value set", "Nonsense"
    if shape.type_name == "integer":
        if "max" in limits:
            yield f"less than or equal to {limits['max']}", limits["max"] + 1
        if "min" in limits:
            yield f"greater than or equal to {limits['min']}", limits["min"] - 1


def _places(shape: Any, value: Any, place: tuple[Any, ...] = ()) -> Iterator[Any]:
    yield place, shape, value
    if shape.type_name == "structure":
        for name, inner in value.items():
            yield from _places(shape.members[name], inner, (*place, name))
    if shape.type_name == "list" and value:
        yield from _places(shape.member, value[0], (*place, 0))
    if shape.type_name == "map":
        for name, inner in value.items():
            yield from _places(shape.value, inner, (*place, name))


def _with(request: Request, place: tuple[Any, ...], value: Any) -> Request:
    changed = copy.deepcopy(request)
    holder: Any = changed
    for step in place[:-1]:
        holder = holder[step]
    holder[place[-1]] = value
    return changed


def _without(request: Request, place: tuple[Any, ...]) -> Request:
    changed = copy.deepcopy(request)
    holder: Any = changed
    for step in place[:-1]:
        holder = holder[step]
    del holder[place[-1]]
    return changed
