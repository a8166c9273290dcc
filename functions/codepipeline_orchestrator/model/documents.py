"""Converts dataclasses to and from the JSON documents that a run's states pass to each other.

JSON uses AWS's camelCase and Python uses snake_case. Only this module translates between them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import UTC, datetime
from enum import Enum, EnumType
from functools import cache
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

_Dataclass = TypeVar("_Dataclass")


def to_document(value: Any) -> Any:
    """The value as JSON, with times as ISO 8601 in UTC and names in camelCase.

    A field that equals its default is omitted, so the defaults are part of the format. If a default
    changes, even runs that began earlier use the new one.
    """
    if is_dataclass(value):
        return {
            json_name(each.name): to_document(getattr(value, each.name))
            for each in fields(value)
            if getattr(value, each.name) != _default(each)
        }
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, (list, tuple)):
        return [to_document(each) for each in value]
    return value


def from_document(kind: type[_Dataclass], document: Mapping[str, Any]) -> _Dataclass:
    """Read a dataclass from its document, ignoring unknown fields.

    A run keeps its definition while the functions are updated or rolled back, so a document written
    by another version must not end the run. Raises TypeError if a required field is missing.
    """
    return kind(
        **{
            name: _value(hint, document[json_name(name)])
            for name, hint in _hints(kind).items()  # type: ignore[arg-type] # a class is hashable
            if json_name(name) in document
        }
    )


def json_object(text: str | None) -> dict[str, Any]:
    """Parse any text as a JSON object. Returns an empty object if it is not one."""
    document = json_value(text)
    return document if isinstance(document, dict) else {}


def json_value(text: str | None) -> Any:
    """Parse any text as JSON. Returns None if it is not JSON."""
    try:
        return json.loads(text or "null")
    except (ValueError, RecursionError):
        return None


def lambda_error_message(cause: str) -> str:
    """The errorMessage in the cause of a Lambda function's error, or the cause if it has none."""
    return str(json_object(cause).get("errorMessage", cause))


@cache
def json_name(name: str) -> str:
    """The JSON name of a field, such as `pipelineExecutionId` for `pipeline_execution_id`."""
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)


def _default(field: Field[Any]) -> Any:
    return field.default_factory() if field.default_factory is not MISSING else field.default


@cache
def _hints(kind: type) -> dict[str, Any]:
    hints = get_type_hints(kind)
    return {each.name: hints[each.name] for each in fields(kind)}


def _value(hint: Any, raw: Any) -> Any:
    origin, of = get_origin(hint), get_args(hint)
    if raw is None:
        return None
    if origin in {UnionType, Union}:  # the type hint is `of | None`
        return _value(of[0], raw)
    if origin is tuple:
        return tuple(_value(of[0], each) for each in raw)
    if is_dataclass(hint):
        return from_document(hint, raw)  # type: ignore[arg-type] # a class, not an instance
    if hint is datetime:
        return datetime.fromisoformat(raw)
    return hint(raw) if isinstance(hint, EnumType) else raw
