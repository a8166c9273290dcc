"""Converts between the API's and Step Functions' names in AWS SDK integrations.

Step Functions uses the names of the SDK for Java. DynamoDB's attribute types SS, NS, B, BS and
NULL are refused because Step Functions' spelling of them is not documented. Binary data is refused
too.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from codepipeline_sandbox import api_model
from codepipeline_sandbox.stepfunctions.integrations.java_names import pascal_case
from codepipeline_sandbox.stepfunctions.language.documents import to_json
from codepipeline_sandbox.stepfunctions.language.errors import StateFailed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from codepipeline_sandbox.stepfunctions.integrations.sdk_services import SdkService

_ATTRIBUTE = "AttributeValue"
_SPELLED = frozenset({"S", "N", "M", "L", "BOOL"})
_TYPES = {
    "string": (str,),
    "timestamp": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "long": (int,),
    "float": (int, float),
    "double": (int, float),
    "structure": (dict,),
    "map": (dict,),
    "list": (list,),
}
_NAMES = {
    str: "STRING",
    bool: "BOOLEAN",
    int: "INTEGER",
    float: "NUMBER",
    dict: "OBJECT",
    list: "ARRAY",
}
_BINARY = "The sandbox does not support binary data, such as the field '{}'"


def problem_of(service: SdkService, operation: str, template: Mapping[str, Any]) -> str | None:
    """Return the problem with the Arguments in a definition, or None."""
    shape: Any = api_model.input_shape(service.api, operation)
    members = {} if shape is None else _members(shape)
    for name in () if shape is None else map(pascal_case, shape.required_members):
        if name not in template:
            return f"The field '{name}' is required but was missing"
    for name in sorted(template):
        if name not in members:
            return f"The field '{name}' is not supported by Step Functions"
        if members[name] not in service.parameters(operation):
            return f"The sandbox does not support the argument '{name}'"
        if shape.members[members[name]].type_name == "blob":
            return _BINARY.format(name)
    return None


@cache
def errors(api: str, operation: str) -> Mapping[str, str]:
    """Maps the codes of the errors in the operation's model to their names."""
    return api_model.errors(api, operation)


def parameters(api: str, operation: str, given: Any) -> dict[str, Any]:
    """Convert the parameters to the API's names and types.

    Raises States.Runtime for parameters that Step Functions would not send.
    """
    shape: Any = api_model.input_shape(api, operation)
    try:
        if shape is None:
            return _nothing(given)
        sent: dict[str, Any] = _sent(shape, given, "Arguments")
    except _NotSent as problem:
        cause = f"The Arguments '{to_json(given)}' could not be used to start the Task: [{problem}]"
        raise StateFailed("States.Runtime", cause) from problem
    return sent


def result(api: str, operation: str, answer: Mapping[str, Any]) -> dict[str, Any]:
    """Convert the response to the state's result. The response's metadata is omitted."""
    shape = api_model.output_shape(api, operation)
    there = {name: value for name, value in answer.items() if name != "ResponseMetadata"}
    if shape is None:
        return {}
    document: dict[str, Any] = _told(shape, there, "the result")
    return document


class _NotSent(Exception):
    """A problem with a parameter that keeps the call from being sent."""


def _nothing(given: Any) -> dict[str, Any]:
    if given != {}:
        raise _NotSent("The operation has no parameters")
    return {}


def _sent(shape: Any, value: Any, name: str) -> Any:
    kind = shape.type_name
    if kind not in _TYPES:
        raise _NotSent(_BINARY.format(name))
    wanted = _TYPES[kind]
    if type(value) not in wanted:  # in Python, a boolean is also an integer
        raise _NotSent(f"The value for the field '{name}' must be a {_NAMES[wanted[-1]]}")
    if kind == "structure":
        members = _members(shape)
        if unknown := sorted(set(value) - set(members)):
            raise _NotSent(f"The field '{unknown[0]}' is not supported by Step Functions")
        return {
            members[each]: _sent(shape.members[members[each]], inner, each)
            for each, inner in value.items()
            if inner is not None
        }
    if kind == "map":
        return {each: _sent(shape.value, inner, each) for each, inner in value.items()}
    if kind == "list":
        return [_sent(shape.member, inner, name) for inner in value]
    return _moment(value, name) if kind == "timestamp" else value


def _moment(text: str, name: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise _NotSent(f"The value for the field '{name}' must be a TIMESTAMP") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _told(shape: Any, value: Any, name: str) -> Any:
    kind = shape.type_name
    if kind == "structure":
        spelled = {api: java for java, api in _members(shape).items()}
        if unknown := sorted(set(value) - set(spelled)):
            cause = f"Step Functions' spelling of {unknown[0]} is not documented"
            raise StateFailed("States.Runtime", cause)
        return {
            spelled[each]: _told(shape.members[each], inner, spelled[each])
            for each, inner in value.items()
        }
    if kind == "map":
        return {each: _told(shape.value, inner, each) for each, inner in value.items()}
    if kind == "list":
        return [_told(shape.member, inner, name) for inner in value]
    if kind == "blob":
        raise StateFailed("States.Runtime", _BINARY.format(name))
    return _instant(value) if kind == "timestamp" else value


def _instant(moment: datetime) -> str:
    """Format the time like Java's Instant, without milliseconds if they are zero."""
    utc = moment.astimezone(UTC)
    fraction = "milliseconds" if utc.microsecond else "seconds"
    return utc.isoformat(timespec=fraction).replace("+00:00", "Z")


def _members(shape: Any) -> Mapping[str, str]:
    """Maps Step Functions' names for a structure's members to the API's names."""
    return _spellings(tuple(shape.members), attribute=shape.name == _ATTRIBUTE)


@cache
def _spellings(names: tuple[str, ...], *, attribute: bool) -> Mapping[str, str]:
    return {pascal_case(name): name for name in names if not attribute or name in _SPELLED}
