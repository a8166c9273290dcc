"""Checks requests and responses against the AWS API model, beyond what boto3 checks itself.

boto3 does not check every limit. For example, it sends a token that is too long or an unknown enum
value, and AWS responds with a ValidationException. `check_request` raises the same
exception with the same message. `check_response` checks the responses of the sandbox's own
services.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

import botocore.session
from moto.core.exceptions import JsonRESTError

from codepipeline_sandbox.api_model import checks, constraints

if TYPE_CHECKING:
    from botocore.model import OperationModel, ServiceModel, Shape

# Members that are required in the model but that AWS sometimes omits from its responses.
LEFT_OUT_BY_AWS = {
    ("ActionRevision", "revisionChangeId"),
    ("ActionRevision", "created"),
    # Assumed to be omitted unless the request sets includeExecutionData.
    ("TaskScheduledEventDetails", "parameters"),
}


class ValidationException(JsonRESTError):  # type: ignore[misc]
    """The request violates a limit in the API model."""

    def __init__(self, message: str) -> None:
        super().__init__("ValidationException", message)


class SerializationException(JsonRESTError):  # type: ignore[misc]
    """The request's JSON has a value of the wrong type."""

    def __init__(self, message: str) -> None:
        super().__init__("SerializationException", message)


class ResponseOutsideModel(AssertionError):
    """One of the sandbox's services returned a response that AWS cannot return."""


def check_request(service: str, operation: str, parameters: Mapping[str, Any]) -> None:
    """Raise the error that AWS returns if the request's parameters are invalid.

    The error is a SerializationException for a value of the wrong type, or one ValidationException
    that lists all violated limits.
    """
    if _request_check(service, operation)(parameters):
        return
    shape = _operation(service, operation).input_shape
    _refuse_wrong_types(shape, parameters)
    violations = list(_violations(shape, parameters, ""))
    if violations:
        raise ValidationException(_detected(violations))


def check_types(operation: OperationModel, parameters: Mapping[str, Any]) -> None:
    """Raise SerializationException if a parameter of the request has the wrong type."""
    if operation.input_shape is not None:
        _refuse_wrong_types(operation.input_shape, parameters)


def missing(operation: OperationModel, parameters: Mapping[str, Any]) -> str | None:
    """Return AWS's message about missing required members at any depth, or None."""
    shape = operation.input_shape
    violations = [] if shape is None else list(_missing(shape, parameters, ""))
    return _detected(violations) if violations else None


def check_response(service: str, operation: str, document: Mapping[str, Any]) -> None:
    """Raise ResponseOutsideModel if the response does not fit the operation's output shape."""
    if _response_check(service, operation)(document):
        return
    shape = _operation(service, operation).output_shape
    if shape is None:
        if document:
            raise ResponseOutsideModel(f"{operation} has an empty response, not {document!r}")
        return
    try:
        _refuse_wrong_types(shape, document, closed=True)
    except SerializationException as error:
        raise ResponseOutsideModel(f"{operation}: {error.message}") from error
    violations = list(_violations(shape, document, "", LEFT_OUT_BY_AWS))
    if violations:
        raise ResponseOutsideModel(f"{operation}: {'; '.join(violations)}")


def input_shape(service: str, operation: str) -> Shape | None:
    """The shape of an operation's request."""
    shape: Shape | None = _operation(service, operation).input_shape
    return shape


def output_shape(service: str, operation: str) -> Shape | None:
    """The shape of an operation's response."""
    shape: Shape | None = _operation(service, operation).output_shape
    return shape


def returns_binary_data(service: str, operation: str) -> bool:
    """Whether the body of the response is binary data."""
    shape: Any = _operation(service, operation).output_shape
    body = None if shape is None else shape.serialization.get("payload")
    return body is not None and shape.members[body].type_name == "blob"


def errors(service: str, operation: str) -> dict[str, str]:
    """The names of the errors that the model lists for an operation, by error code."""
    shapes: Any = _operation(service, operation).error_shapes
    return {shape.error_code: shape.name for shape in shapes}


def members(service: str, operation: str) -> set[str]:
    """The names of the members in an operation's request."""
    shape = _operation(service, operation).input_shape
    return set() if shape is None else set(shape.members)


def operations(service: str) -> list[str]:
    """The names of all operations in the service's model."""
    return list(_service(service).operation_names)


def service_id(service: str) -> str:
    """The service's ID, from which SDKs derive its name."""
    return str(_service(service).service_id)


@cache
def _service(service: str) -> ServiceModel:
    return botocore.session.get_session().get_service_model(service)


def _operation(service: str, operation: str) -> OperationModel:
    return _service(service).operation_model(operation)


@cache
def _request_check(service: str, operation: str) -> checks.Check:
    shape = _operation(service, operation).input_shape
    return (lambda _: True) if shape is None else checks.check(shape, closed=False)


@cache
def _response_check(service: str, operation: str) -> checks.Check:
    shape = _operation(service, operation).output_shape
    if shape is None:
        return lambda document: not document
    return checks.check(shape, closed=True, left_out=LEFT_OUT_BY_AWS)


def _detected(violations: Sequence[str]) -> str:
    plural = "s" if len(violations) > 1 else ""
    return f"{len(violations)} validation error{plural} detected: {'; '.join(violations)}"


def _refuse_wrong_types(shape: Any, value: Any, path: str = "", *, closed: bool = False) -> None:
    where = path or "the document"
    if not _fits(shape, value):
        raise SerializationException(
            f"{where}: {type(value).__name__} can not be converted to {shape.type_name}"
        )
    if closed and shape.type_name == "structure":
        unknown = set(value) - set(shape.members)
        if unknown:
            raise SerializationException(f"{where}: unknown {sorted(unknown)}")
    for member, inner, inner_path in _inside(shape, value, path):
        _refuse_wrong_types(member, inner, inner_path, closed=closed)


def _fits(shape: Shape, value: Any) -> bool:
    if _is_document(shape):
        return True
    if isinstance(value, bool):  # bool is a subclass of int
        return shape.type_name == "boolean"
    return isinstance(value, checks.TYPES[shape.type_name])


def _is_document(shape: Any) -> bool:
    """Whether the shape accepts any JSON value."""
    return bool(getattr(shape, "is_document_type", False))


def _inside(shape: Any, value: Any, path: str) -> Iterator[tuple[Any, Any, str]]:
    """Yield the shape, the value and the path of each direct member of the value."""
    prefix = f"{path}." if path else ""
    if _is_document(shape):
        return
    if shape.type_name == "structure":
        for name, member in shape.members.items():
            if value.get(name) is not None:
                yield member, value[name], f"{prefix}{_in_java(name)}"
    elif shape.type_name == "list":
        for number, inner in enumerate(value, start=1):
            yield shape.member, inner, f"{prefix}{number}.member"
    elif shape.type_name == "map":
        for key, inner in value.items():
            yield shape.value, inner, f"{prefix}{key}.member"


def _violations(
    shape: Any, value: Any, path: str, left_out: Collection[tuple[str, str]] = ()
) -> Iterator[str]:
    for constraint in constraints.broken(shape, value):
        yield _violation(shape, value, path, constraint)
    if shape.type_name == "structure":
        for name in shape.required_members:
            if value.get(name) is None and (shape.name, name) not in left_out:
                yield _null(path, name)
    if shape.type_name == "map":
        yield from _map_violations(shape, value, path)
        return
    for member, inner, where in _inside(shape, value, path):
        yield from _violations(member, inner, where, left_out)


def _null(path: str, name: str) -> str:
    where = f"{path}.{_in_java(name)}" if path else _in_java(name)
    return f"Value null at '{where}' failed to satisfy constraint: Member must not be null"


def _in_java(name: str) -> str:
    """The member's name in AWS's errors, which use the property names of Java beans."""
    return name[:1].lower() + name[1:]


def _missing(shape: Any, value: Any, path: str) -> Iterator[str]:
    if shape.type_name == "structure":
        yield from (_null(path, name) for name in shape.required_members if value.get(name) is None)
    for member, inner, where in _inside(shape, value, path):
        yield from _missing(member, inner, where)


def _map_violations(shape: Any, value: Mapping[str, Any], path: str) -> Iterator[str]:
    if any(constraints.is_broken(shape.key, key) for key in value):
        limits = ", ".join(constraints.limits(shape.key))
        constraint = f"Map keys must satisfy constraint: [{limits}]"
        yield _violation(shape, value, path, constraint)
    if any(constraints.is_broken(shape.value, inner) for inner in value.values()):
        limits = ", ".join(constraints.limits(shape.value))
        constraint = f"Map value must satisfy constraint: [{limits}]"
        yield _violation(shape, value, path, constraint)


def _violation(shape: Shape, value: Any, path: str, constraint: str) -> str:
    # AWS's error messages never include a value that the model marks as sensitive.
    shown = "Value" if shape.metadata.get("sensitive") else f"Value '{_as_java(value)}'"
    return f"{shown} at '{path}' failed to satisfy constraint: {constraint}"


def _as_java(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}={_as_java(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_as_java(inner) for inner in value) + "]"
    return str(value)
