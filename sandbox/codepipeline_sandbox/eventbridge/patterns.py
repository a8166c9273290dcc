"""Checks event patterns as EventBridge does, and matches events with them.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from moto.core.exceptions import JsonRESTError

from codepipeline_sandbox.eventbridge import pattern_operators
from codepipeline_sandbox.eventbridge.pattern_operators import refuse

_LONGEST = 2048  # characters, the default quota of an account
_DEEPEST = 50  # levels of a pattern that the sandbox supports
_LEAST_ALTERNATIVES = 2

# Returns whether an object matches. The object is an event or a part of one.
Matcher = Callable[[Mapping[str, Any]], bool]


def checked(pattern: str) -> Matcher:
    """Build a function that compares events with a new pattern.

    Raises InvalidEventPatternException for a pattern that EventBridge does not accept, and
    LimitExceededException for one longer than 2,048 characters.
    """
    if len(pattern) > _LONGEST:
        raise JsonRESTError(
            "LimitExceededException",
            f"The event pattern has {len(pattern)} characters, over the quota of {_LONGEST}",
        )
    return matcher(pattern)


@lru_cache(maxsize=1024)
def matcher(pattern: str) -> Matcher:
    """Build a function that compares events with a pattern.

    Raises InvalidEventPatternException.
    """
    try:
        document = json.loads(pattern)
    except (ValueError, RecursionError):
        refuse("Invalid JSON")
    if not isinstance(document, dict):
        refuse("Filter is not an object")
    return _object(document, _DEEPEST)


def _object(pattern: Mapping[str, Any], levels: int, *, alternative: bool = False) -> Matcher:
    """Build a matcher for objects. `alternative` means that the pattern is inside `$or`."""
    if levels == 0:
        refuse(f"The sandbox supports at most {_DEEPEST} levels in an event pattern")
    if not pattern:
        refuse("Empty objects are not allowed")
    conditions: list[Matcher] = []
    for name, value in pattern.items():
        if name == "$or":
            conditions.append(_any_of(value, levels))
        elif alternative and name in pattern_operators.OPERATORS:
            refuse(f"{name} is Ruler reserved fieldName which cannot be used inside $or.")
        elif isinstance(value, dict):
            conditions.append(_inside(name, _object(value, levels - 1, alternative=alternative)))
        elif isinstance(value, list):
            conditions.append(_value(name, pattern_operators.any_of(value)))
        else:
            refuse(f'"{name}" must be an object or an array')
    return lambda event: all(condition(event) for condition in conditions)


def _any_of(alternatives: Any, levels: int) -> Matcher:
    if not isinstance(alternatives, list):
        refuse("It must be an Array followed with $or.")
    if not all(isinstance(each, dict) for each in alternatives):
        refuse("Only JSON object is allowed in array of $or relationship.")
    if len(alternatives) < _LEAST_ALTERNATIVES:
        refuse("There must have at least 2 Objects in $or relationship.")
    matchers = [_object(each, levels - 1, alternative=True) for each in alternatives]
    return lambda event: any(matches(event) for matches in matchers)


def _inside(name: str, matches: Matcher) -> Matcher:
    """Build a matcher for the object in a member, or for any object in an array.

    A value that is not an object counts as an object without members.
    """

    def condition(event: Mapping[str, Any]) -> bool:
        found = [each for each in _elements(event.get(name)) if isinstance(each, dict)]
        return any(matches(each) for each in found or [{}])

    return condition


def _value(name: str, matches: Callable[[list[Any]], bool]) -> Matcher:
    """Build a matcher for the values in a member. Objects and empty arrays count as missing."""

    def condition(event: Mapping[str, Any]) -> bool:
        if name not in event:
            return matches([])
        return matches([each for each in _elements(event[name]) if not isinstance(each, dict)])

    return condition


def _elements(value: Any) -> list[Any]:
    """List the value itself, or all elements of an array, including those of nested arrays."""
    found, waiting = [], [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, list):
            waiting.extend(each)
        else:
            found.append(each)
    return found
