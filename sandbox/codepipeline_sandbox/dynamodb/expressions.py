"""Adds the checks of items and expressions that DynamoDB performs and moto does not."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from moto.dynamodb.comparisons import create_condition_expression_parser
from moto.dynamodb.parsing.reserved_keywords import ReservedKeywords

from codepipeline_sandbox.dynamodb.errors import ValidationException

if TYPE_CHECKING:
    from moto.dynamodb.models import Table

_EXPRESSIONS = (
    "ConditionExpression",
    "FilterExpression",
    "ProjectionExpression",
    "UpdateExpression",
)
_NAME = re.compile(r"#\w+")
_VALUE = re.compile(r":\w+")
_WITHIN = re.compile(r"\.(\w+)")  # an attribute within a map
_DIGITS = 38


def check_values(parameters: Mapping[str, Any]) -> None:
    """Raise ValidationException for an invalid attribute value."""
    for name in ("Key", "Item", "ExpressionAttributeValues", "ExclusiveStartKey"):
        for value in parameters.get(name, {}).values():
            _check_value(value)


def check_key(table: Table, key: Mapping[str, Any]) -> None:
    """Raise ValidationException for a key that no item in the table can have."""
    types = {attribute["AttributeName"]: attribute["AttributeType"] for attribute in table.attr}
    wanted = {name: types[name] for name in table.table_key_attrs}
    if {name: next(iter(value)) for name, value in key.items()} != wanted:
        raise ValidationException("The provided key element does not match the schema")
    for name, value in key.items():
        if value in ({"S": ""}, {"B": b""}):
            raise ValidationException(
                "One or more parameter values are not valid. The AttributeValue for a key "
                f"attribute cannot contain an empty string value. Key: {name}"
            )


def check_expressions(parameters: Mapping[str, Any]) -> None:
    """Raise ValidationException for an invalid expression.

    An expression is invalid if it cannot be parsed, contains a reserved word within a path, or has
    undefined or unused names or values.
    """
    expressions = {name: parameters[name] for name in _EXPRESSIONS if name in parameters}
    for name, text in expressions.items():
        for word in _WITHIN.findall(text):
            if word.upper() in ReservedKeywords.get_reserved_keywords():
                raise ValidationException(
                    f"Invalid {name}: Attribute name is a reserved keyword; "
                    f"reserved keyword: {word}"
                )
    for what, pattern in (("Names", _NAME), ("Values", _VALUE)):
        _check_placeholders(expressions, what, pattern, parameters)
    for name in ("ConditionExpression", "FilterExpression"):
        if name in expressions:
            _check_syntax(name, parameters)


def _check_value(value: Mapping[str, Any]) -> None:
    if len(value) != 1:
        raise ValidationException(
            "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"
            if not value
            else "Supplied AttributeValue has more than one datatypes set, must contain exactly "
            "one of the supported datatypes"
        )
    for number in _numbers(value):
        _check_number(number)


def _numbers(value: Mapping[str, Any]) -> Iterator[str]:
    ((kind, held),) = value.items()
    if kind == "N":
        yield held
    elif kind == "NS":
        yield from held
    elif kind in {"L", "M"}:
        for inner in held.values() if kind == "M" else held:
            _check_value(inner)


def _check_number(text: str) -> None:
    try:
        digits = "".join(map(str, Decimal(text).as_tuple().digits)).strip("0")
    except InvalidOperation as error:
        raise ValidationException(
            f"The parameter cannot be converted to a numeric value: {text}"
        ) from error
    if len(digits) > _DIGITS:
        raise ValidationException("Attempting to store more than 38 significant digits in a Number")


def _check_placeholders(
    expressions: Mapping[str, str],
    what: str,
    pattern: re.Pattern[str],
    parameters: Mapping[str, Any],
) -> None:
    defined = parameters.get(f"ExpressionAttribute{what}")
    if defined is None:
        defined = {}
    elif not defined:
        raise ValidationException(f"ExpressionAttribute{what} must not be empty")
    elif not expressions:
        raise ValidationException(
            f"ExpressionAttribute{what} can only be specified when using expressions"
        )
    used = set()
    for name, text in expressions.items():
        for placeholder in pattern.findall(text):
            used.add(placeholder)
            if placeholder not in defined:
                attribute = f"attribute {what.lower().removesuffix('s')}"
                raise ValidationException(
                    f"Invalid {name}: An expression {attribute} used in "
                    f"{'the document path' if what == 'Names' else 'expression'} is not defined; "
                    f"{attribute}: {placeholder}"
                )
    if unused := sorted(set(defined) - used):
        raise ValidationException(
            f"Value provided in ExpressionAttribute{what} unused in expressions: "
            f"keys: {{{', '.join(unused)}}}"
        )


def _check_syntax(name: str, parameters: Mapping[str, Any]) -> None:
    try:
        create_condition_expression_parser(
            parameters[name],
            parameters.get("ExpressionAttributeNames", {}),
            parameters.get("ExpressionAttributeValues", {}),
        ).parse()
    except ValueError as error:
        raise ValidationException(f"Invalid {name}: Syntax error; {error}") from error
