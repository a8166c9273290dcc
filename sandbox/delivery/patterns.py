"""Refuses invalid event patterns, which moto would silently accept. moto does the matching.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
"""

from __future__ import annotations

import json
import re
from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.events.exceptions import InvalidEventPatternException

_OPERATORS = frozenset(
    {
        "anything-but",
        "cidr",
        "equals-ignore-case",
        "exists",
        "numeric",
        "prefix",
        "suffix",
        "wildcard",
    }
)
_LONGEST = 2048  # characters, the default quota of an account
_ESCAPED = re.compile(r"\\(.)?", re.DOTALL)


def check(pattern: str | None) -> None:
    """Raise InvalidEventPatternException for a pattern that EventBridge does not accept.

    Raises LimitExceededException for a pattern longer than 2,048 characters.
    """
    if not pattern:
        return
    if len(pattern) > _LONGEST:
        raise JsonRESTError(
            "LimitExceededException",
            f"The event pattern has {len(pattern)} characters, over the quota of {_LONGEST}",
        )
    try:
        document = json.loads(pattern)
    except ValueError as error:
        raise InvalidEventPatternException(reason="Invalid JSON") from error
    if not isinstance(document, dict):
        raise InvalidEventPatternException(reason="Event pattern is not an object")
    _check(document)


def _check(node: dict[str, Any]) -> None:
    for name, value in node.items():
        if isinstance(value, dict):
            _check(value)
        elif isinstance(value, list):
            for item in value:
                if isinstance(item, dict):
                    (_check if name == "$or" else _check_operator)(item)


def _check_operator(item: dict[str, Any]) -> None:
    if unknown := sorted(set(item) - _OPERATORS):
        _refuse(f"Unrecognized match type {', '.join(unknown)}")
    if len(item) != 1:
        _refuse("Only one key allowed in match expression")
    ((name, value),) = item.items()
    if name == "exists" and not isinstance(value, bool):
        _refuse("exists match pattern must be either true or false.")
    if name == "wildcard":
        _check_wildcard(value)
    if name == "anything-but" and isinstance(value, dict) and "wildcard" in value:
        inner = value["wildcard"]
        for text in inner if isinstance(inner, list) else [inner]:
            _check_wildcard(text)


def _check_wildcard(text: Any) -> None:
    r"""Refuse `**`. `\*` and `\\` stand for the literal characters."""
    if not isinstance(text, str):
        _refuse("wildcard match pattern must be a string")
    for escape in _ESCAPED.finditer(text):
        if escape[1] not in {"*", "\\"}:
            _refuse(f"Invalid escape character at pos {escape.start()}")
    plain = _ESCAPED.sub("..", text)
    if "**" in plain:
        _refuse(f"Consecutive wildcard characters at pos {plain.index('**')}")


def _refuse(reason: str) -> None:
    raise InvalidEventPatternException(reason=reason)
