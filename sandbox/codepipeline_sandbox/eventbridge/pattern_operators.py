"""The comparisons of an event pattern: values, and operators such as `prefix` and `numeric`.

The error messages are EventBridge's, without the position that it adds.
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NoReturn

from moto.events.exceptions import InvalidEventPatternException

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_ESCAPED = re.compile(r"\\(.)?", re.DOTALL)
_ANYTHING_BUT = "Value of anything-but must be an array or single string/number value."
_ONE_KEY = "Only one key allowed in match expression"

# A Test checks one value of an event. Tests check all values of a member. A missing member has no
# values.
Test = Callable[[Any], bool]
Tests = Callable[["Sequence[Any]"], bool]


def refuse(reason: str) -> NoReturn:
    """Raise the error for an event pattern that EventBridge does not accept."""
    raise InvalidEventPatternException(reason=reason)


def any_of(items: Sequence[Any]) -> Tests:
    """Build the comparison for an array in a pattern. One of its items has to match."""
    if not items:
        refuse("Empty arrays are not allowed")
    tests = [_item(item) for item in items]
    return lambda values: any(test(values) for test in tests)


def _item(item: Any) -> Tests:
    if isinstance(item, dict):
        return _expression(item)
    if isinstance(item, list):
        refuse("Match value must be String, number, true, false, or null")
    wanted = _key(item)
    return lambda values: any(_key(value) == wanted for value in values)


def _expression(expression: Mapping[str, Any]) -> Tests:
    """Build the comparison of an operator, for example `{"prefix": "aws."}`."""
    if not expression:
        refuse("Match expression name not found")
    name, operand = next(iter(expression.items()))
    if name == "exists":
        tests = _exists(operand)
    elif name in _TESTS:
        tests = _of_each(_TESTS[name](operand))
    else:
        refuse(f"Unrecognized match type {name}")
    if len(expression) > 1:
        refuse(_ONE_KEY)
    return tests


def _of_each(test: Test) -> Tests:
    return lambda values: any(test(value) for value in values)


def _exists(operand: Any) -> Tests:
    if not isinstance(operand, bool):
        refuse("exists match pattern must be either true or false.")
    return lambda values: bool(values) is operand


def _key(value: Any) -> tuple[str, Any]:
    """Build a key that is equal for equal JSON values: for 1 and 1.0, but not for 1 and true."""
    if isinstance(value, bool) or value is None:
        return "literal", value
    return ("number" if _is_number(value) else "string"), value


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _prefix(operand: Any) -> Test:
    text, fold = _text_or_ignored_case("prefix", operand)
    return lambda value: isinstance(value, str) and fold(value).startswith(text)


def _suffix(operand: Any) -> Test:
    text, fold = _text_or_ignored_case("suffix", operand)
    return lambda value: isinstance(value, str) and fold(value).endswith(text)


def _text_or_ignored_case(name: str, operand: Any) -> tuple[str, Callable[[str], str]]:
    """Return the text to compare with, and a function to apply to a value before comparing."""
    if not isinstance(operand, dict):
        return _text(name, operand), str
    if not operand:
        refuse(f"{name.capitalize()} expression name not found")
    operator, text = next(iter(operand.items()))
    if operator != "equals-ignore-case":
        refuse(f"Unsupported {name} pattern: {operator}")
    if len(operand) > 1:
        refuse(_ONE_KEY)
    return _text("equals-ignore-case", text).lower(), str.lower


def _text(name: str, operand: Any) -> str:
    if not isinstance(operand, str):
        refuse(f"{name} match pattern must be a string")
    return operand


def _equals_ignore_case(operand: Any) -> Test:
    text = _text("equals-ignore-case", operand).lower()
    return lambda value: isinstance(value, str) and value.lower() == text


def _wildcard(operand: Any) -> Test:
    r"""`*` matches any characters. `\*` and `\\` stand for the literal characters."""
    text = _text("wildcard", operand)
    for escape in _ESCAPED.finditer(text):
        if escape[1] not in {"*", "\\"}:
            refuse(f"Invalid escape character at pos {escape.start()}")
    plain = _ESCAPED.sub("..", text)
    if "**" in plain:
        refuse(f"Consecutive wildcard characters at pos {plain.index('**')}")
    parts = [
        _ESCAPED.sub(r"\1", text[start:end])
        for start, end in _between([at for at, letter in enumerate(plain) if letter == "*"], text)
    ]
    return lambda value: isinstance(value, str) and _has_parts(value, parts)


def _between(stars: Sequence[int], text: str) -> list[tuple[int, int]]:
    return list(zip([0, *(star + 1 for star in stars)], [*stars, len(text)], strict=True))


def _has_parts(value: str, parts: Sequence[str]) -> bool:
    """Whether the value consists of the parts, with any characters between them."""
    first, *others = parts
    if not others:
        return value == first
    *middle, last = others
    if not value.startswith(first):
        return False
    place = len(first)
    for part in middle:
        found = value.find(part, place)
        if found < 0:
            return False
        place = found + len(part)
    return len(value) - place >= len(last) and value.endswith(last)


def _cidr(operand: Any) -> Test:
    # EventBridge uses the message for `prefix` here, too.
    address, slash, mask = _text("prefix", operand).partition("/")
    if not slash or "/" in mask:
        refuse("Malformed CIDR, one '/' required")
    try:
        ipaddress.ip_address(address)
    except ValueError:
        refuse(f"Nonstandard IP address: {address}")
    if not re.fullmatch(r"-?[0-9]{1,9}", mask):
        refuse("Malformed CIDR, mask bits must be an integer")
    try:
        network = ipaddress.ip_network(operand, strict=False)
    except ValueError:
        refuse("Malformed CIDR, mask bits are out of range")

    def test(value: Any) -> bool:
        try:
            return isinstance(value, str) and ipaddress.ip_address(value) in network
        except ValueError:
            return False

    return test


def _numeric(operand: Any) -> Test:
    if not isinstance(operand, list):
        refuse("Value of numeric must be an array.")
    operator, *others = operand or [None]
    if not isinstance(operator, str):
        refuse(f"Invalid member in numeric match: {operator}")
    if operator not in _COMPARISONS:
        refuse(f"Unrecognized numeric range operator: {operator}")
    bound, *rest = others or [None]
    if not _is_number(bound):
        refuse(f"Value of {'equals' if operator == '=' else operator} must be numeric")
    compare = _COMPARISONS[operator]
    if not rest:
        return lambda value: _is_number(value) and compare(value, bound)
    if operator not in {">", ">="}:
        refuse("Too many elements in numeric expression")
    below, top = _upper_bound(rest)
    if bound > top:
        refuse("Bottom must be less than top")
    return lambda value: _is_number(value) and compare(value, bound) and below(value, top)


def _upper_bound(rest: Sequence[Any]) -> tuple[Callable[[Any, Any], bool], Any]:
    """The second half of a range such as `[">", 0, "<=", 5]`."""
    operator, *others = rest
    if not isinstance(operator, str):
        refuse(f"Bad value in numeric range: {operator}")
    if operator not in {"<", "<="}:
        refuse(f"Bad numeric range operator: {operator}")
    top, *more = others or [None]
    if not _is_number(top):
        refuse(f"Value of {operator} must be numeric")
    if more:
        refuse("Too many terms in numeric range expression")
    return _COMPARISONS[operator], top


_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda value, bound: value < bound,
    "<=": lambda value, bound: value <= bound,
    "=": lambda value, bound: value == bound,
    ">=": lambda value, bound: value >= bound,
    ">": lambda value, bound: value > bound,
}


def _anything_but(operand: Any) -> Test:
    """Match any value except the given ones. A missing member does not match."""
    if isinstance(operand, dict):
        return _anything_but_operator(operand)
    for item in operand if isinstance(operand, list) else []:
        if not isinstance(item, str) and not _is_number(item):
            refuse("Inside anything but list, start|null|boolean is not supported.")
    values = operand if isinstance(operand, list) else [operand]
    kinds = {_key(value)[0] for value in values if isinstance(value, str) or _is_number(value)}
    if not isinstance(operand, list) and not kinds:
        refuse(_ANYTHING_BUT)
    if len(kinds) != 1:
        refuse(
            "Inside anything but list, either all values are number or string, "
            "mixed type is not supported"
        )
    unwanted = {_key(value) for value in values}
    return lambda value: _key(value) not in unwanted


def _anything_but_operator(operand: Mapping[str, Any]) -> Test:
    """Negate an operator with one or more strings: `{"anything-but": {"prefix": "a"}}`."""
    if not operand:
        refuse("Anything-But expression name not found")
    name, given = next(iter(operand.items()))
    if name not in {"prefix", "suffix", "equals-ignore-case", "wildcard"}:
        refuse(f"Unsupported anything-but pattern: {name}")
    if given is None or isinstance(given, dict | bool):
        refuse(_ANYTHING_BUT)
    texts = given if isinstance(given, list) else [given]
    if not texts or not all(isinstance(text, str) for text in texts):
        refuse(_NOT_TEXTS[name])
    if name in {"prefix", "suffix"} and "" in texts:
        refuse("Null prefix/suffix not allowed")
    if len(operand) > 1:
        refuse(_ONE_KEY)
    tests = [_TESTS[name](text) for text in texts]
    return lambda value: not any(test(value) for test in tests)


_NOT_TEXTS = {
    "prefix": "prefix/suffix match pattern must be a string",
    "suffix": "prefix/suffix match pattern must be a string",
    "wildcard": "wildcard match pattern must be a string",
    "equals-ignore-case": (
        "Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported."
    ),
}


# Functions that build a test from an operand. `exists` is missing because it checks all values.
_TESTS: dict[str, Callable[[Any], Test]] = {
    "anything-but": _anything_but,
    "cidr": _cidr,
    "equals-ignore-case": _equals_ignore_case,
    "numeric": _numeric,
    "prefix": _prefix,
    "suffix": _suffix,
    "wildcard": _wildcard,
}
OPERATORS = frozenset({"exists", *_TESTS})
