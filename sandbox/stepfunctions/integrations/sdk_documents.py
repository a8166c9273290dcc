"""Parameters and results of AWS SDK integrations, as Step Functions spells them.

Step Functions uses the names of the SDK for Java, in which DynamoDB's BOOL is `Bool`. Other
attribute types whose names differ are refused, because Step Functions' spelling of them is not
documented.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from sandbox import api_model
from sandbox.stepfunctions.language.documents import to_json
from sandbox.stepfunctions.language.errors import StateFailed

if TYPE_CHECKING:
    from collections.abc import Mapping

_ATTRIBUTE = "AttributeValue"
# The API's names and the corresponding names in Java.
_SPELLED = {"S": "S", "N": "N", "M": "M", "L": "L", "BOOL": "Bool"}
_TYPES = {"string": str, "boolean": bool, "integer": int, "structure": dict, "map": dict}
_NAMES = {str: "STRING", bool: "BOOLEAN", int: "INTEGER", dict: "OBJECT", list: "ARRAY"}


@cache
def required(service: str, operation: str) -> tuple[str, ...]:
    """The parameters that the operation requires."""
    shape: Any = api_model.input_shape(service, operation)
    return () if shape is None else tuple(shape.required_members)


@cache
def errors(service: str, operation: str) -> frozenset[str]:
    """The names of the errors in the operation's model."""
    return frozenset(api_model.error_names(service, operation))


def parameters(service: str, operation: str, given: Any) -> dict[str, Any]:
    """Convert the parameters to the API's.

    Raises States.Runtime for parameters that Step Functions would not send.
    """
    try:
        sent: dict[str, Any] = _sent(api_model.input_shape(service, operation), given, "Arguments")
    except _NotSent as problem:
        cause = f"The Arguments '{to_json(given)}' could not be used to start the Task: [{problem}]"
        raise StateFailed("States.Runtime", cause) from problem
    return sent


def result(service: str, operation: str, answer: Mapping[str, Any]) -> dict[str, Any]:
    """Convert the response to the state's result, which lacks the metadata."""
    shape = api_model.output_shape(service, operation)
    there = {name: value for name, value in answer.items() if name != "ResponseMetadata"}
    document: dict[str, Any] = _told(shape, there)
    return document


class _NotSent(Exception):
    """A problem with a parameter that keeps the call from being sent."""


def _sent(shape: Any, value: Any, name: str) -> Any:
    wanted: type = _TYPES.get(shape.type_name, list)
    if not _is_exactly(value, wanted):
        raise _NotSent(f"The value for the field '{name}' must be a {_NAMES[wanted]}")
    if shape.type_name == "structure":
        members = _members(shape)
        if unknown := sorted(set(value) - set(members)):
            raise _NotSent(f"The field '{unknown[0]}' is not supported by Step Functions")
        return {
            members[each]: _sent(shape.members[members[each]], inner, each)
            for each, inner in value.items()
            if inner is not None
        }
    if shape.type_name == "map":
        return {each: _sent(shape.value, inner, each) for each, inner in value.items()}
    if shape.type_name == "list":
        return [_sent(shape.member, inner, name) for inner in value]
    return value


def _is_exactly(value: Any, wanted: type) -> bool:
    return type(value) is wanted  # in Python, a boolean is also an integer


def _told(shape: Any, value: Any) -> Any:
    if shape.type_name == "structure":
        spelled = {api: java for java, api in _members(shape).items()}
        if unknown := sorted(set(value) - set(spelled)):
            cause = f"The spelling of {unknown[0]} in Step Functions is not documented"
            raise StateFailed("States.Runtime", cause)
        return {spelled[name]: _told(shape.members[name], inner) for name, inner in value.items()}
    if shape.type_name == "map":
        return {name: _told(shape.value, inner) for name, inner in value.items()}
    if shape.type_name == "list":
        return [_told(shape.member, inner) for inner in value]
    return value


def _members(shape: Any) -> dict[str, str]:
    """Maps Step Functions' names of a structure's members to the API's names."""
    if shape.name == _ATTRIBUTE:
        return {java: api for api, java in _SPELLED.items()}
    return {name: name for name in shape.members}
