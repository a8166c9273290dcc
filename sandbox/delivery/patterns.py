"""Event patterns: moto matches them; what it would silently let pass is refused here."""

from __future__ import annotations

import json
from typing import Any

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


def check(pattern: str | None) -> None:
    """Raise InvalidEventPatternException for an operator that EventBridge does not have."""
    if pattern:
        _check(json.loads(pattern))


def _check(node: Any) -> None:
    if isinstance(node, dict):
        for value in node.values():
            _check(value)
    elif isinstance(node, list):
        for item in node:
            if isinstance(item, dict) and not set(item) <= _OPERATORS and not _is_or(node):
                raise InvalidEventPatternException(
                    reason=f"Unrecognized match type {', '.join(sorted(set(item) - _OPERATORS))}"
                )


def _is_or(node: list[Any]) -> bool:
    """Whether these are the alternatives of an `$or`: patterns, whose values are no scalars."""
    return all(
        isinstance(item, dict) and all(isinstance(v, (dict, list)) for v in item.values())
        for item in node
    )
