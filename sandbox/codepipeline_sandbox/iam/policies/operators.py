"""The condition operators, which compare a value in a policy with a value in a request."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from operator import eq, ge, gt, le, lt
from typing import Any

from codepipeline_sandbox.iam.policies import patterns
from codepipeline_sandbox.iam.policies.errors import UnsupportedPolicy

Values = Mapping[str, Sequence[str]]
# Arguments: the policy's value, the request's value, and the values of policy variables.
Compare = Callable[[str, str, "Values | None"], bool]


@dataclass(frozen=True)
class Operator:
    """A comparison, and whether the operator negates it."""

    compare: Compare
    negated: bool = False


def _equal(expected: str, given: str, values: Values | None) -> bool:
    return patterns.literal(expected, values) == given


def _equal_ignoring_case(expected: str, given: str, values: Values | None) -> bool:
    text = patterns.literal(expected, values)
    return text is not None and text.casefold() == given.casefold()


def _like(expected: str, given: str, values: Values | None) -> bool:
    pattern = patterns.read(expected, values)
    return pattern is not None and patterns.matches(pattern, given)


def _arn(expected: str, given: str, values: Values | None) -> bool:
    pattern = patterns.read(expected, values)
    return pattern is not None and patterns.arn_matches(pattern, given)


def _bool(expected: str, given: str, values: Values | None) -> bool:
    text = patterns.literal(expected, values)
    if text is not None and text.lower() not in {"true", "false"}:
        raise UnsupportedPolicy(f"{expected!r} is neither true nor false")
    return text is not None and text.lower() == given.lower()


def _ordered(
    read: Callable[[str], Any], compare: Callable[[Any, Any], bool]
) -> Callable[[str, str, Values | None], bool]:
    def compared(expected: str, given: str, values: Values | None) -> bool:
        text = patterns.literal(expected, values)
        return text is not None and compare(read(given), read(text))

    return compared


def _number(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise UnsupportedPolicy(f"{text!r} is not a number") from None


def _date(text: str) -> datetime:
    if text.isdecimal():
        return datetime.fromtimestamp(int(text), UTC)
    try:
        date = datetime.fromisoformat(text)
    except ValueError:
        raise UnsupportedPolicy(f"{text!r} is not a date") from None
    return date if date.tzinfo else date.replace(tzinfo=UTC)


def _family(name: str, read: Callable[[str], Any]) -> dict[str, Operator]:
    return {
        f"{name}Equals": Operator(_ordered(read, eq)),
        f"{name}NotEquals": Operator(_ordered(read, eq), negated=True),
        f"{name}LessThan": Operator(_ordered(read, lt)),
        f"{name}LessThanEquals": Operator(_ordered(read, le)),
        f"{name}GreaterThan": Operator(_ordered(read, gt)),
        f"{name}GreaterThanEquals": Operator(_ordered(read, ge)),
    }


OPERATORS: Mapping[str, Operator] = {
    "StringEquals": Operator(_equal),
    "StringNotEquals": Operator(_equal, negated=True),
    "StringEqualsIgnoreCase": Operator(_equal_ignoring_case),
    "StringNotEqualsIgnoreCase": Operator(_equal_ignoring_case, negated=True),
    "StringLike": Operator(_like),
    "StringNotLike": Operator(_like, negated=True),
    # AWS treats ArnEquals like ArnLike.
    "ArnEquals": Operator(_arn),
    "ArnLike": Operator(_arn),
    "ArnNotEquals": Operator(_arn, negated=True),
    "ArnNotLike": Operator(_arn, negated=True),
    "Bool": Operator(_bool),
    **_family("Numeric", _number),
    **_family("Date", _date),
}
