"""Wildcards in policies: `*` for any characters, `?` for exactly one.

A policy variable such as `${aws:PrincipalArn}` is replaced by a value from the request. Wildcards
in that value are ordinary characters. See
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from enum import Enum
from functools import lru_cache

from codepipeline_sandbox.iam.policies.errors import UnsupportedPolicy

_VARIABLE = re.compile(r"\$\{([^}]*)\}")
_VARIABLE_NAME = re.compile(r"\s*([\w.:/@-]+)\s*(?:,\s*'([^']*)'\s*)?")
_COLONS = 5  # the number of colons between an ARN's six parts


class Wildcard(Enum):
    """A wildcard character in a pattern."""

    ANY = "*"
    ONE = "?"


Pattern = Sequence[str | Wildcard]
_EVERYTHING = {Wildcard.ANY: ".*", Wildcard.ONE: "."}
_WITHIN_PART = {Wildcard.ANY: "[^:]*", Wildcard.ONE: "[^:]"}


def read(text: str, values: Mapping[str, Sequence[str]] | None) -> Pattern | None:
    """Parse `text` as a pattern. Returns None if a variable has no value.

    `values` contains the request's values by lowercase key. If `values` is None, variables are
    ordinary text, as they are in policies older than version 2012-10-17.
    """
    if values is None or "${" not in text:
        return _characters(text)
    pattern: list[str | Wildcard] = []
    end = 0
    for variable in _VARIABLE.finditer(text):
        pattern += _characters(text[end : variable.start()])
        value = _value(variable[1], values)
        if value is None:
            return None
        pattern += value
        end = variable.end()
    return [*pattern, *_characters(text[end:])]


def literal(text: str, values: Mapping[str, Sequence[str]] | None) -> str | None:
    """Replace the variables in the text, for comparisons without wildcards."""
    pattern = read(text, values)
    if pattern is None:
        return None
    return "".join(item.value if isinstance(item, Wildcard) else item for item in pattern)


def matches(pattern: Pattern, text: str, *, ignore_case: bool = False) -> bool:
    """Whether the pattern matches the entire text."""
    return _expression(tuple(pattern), ignore_case).fullmatch(text) is not None


def arn_matches(pattern: Pattern, arn: str) -> bool:
    """Whether an ARN pattern in a condition matches an ARN.

    The six parts of the ARNs are compared separately. The pattern `*` matches every ARN.
    """
    if tuple(pattern) == (Wildcard.ANY,):
        return True
    expected, given = _parts(pattern), arn.split(":", _COLONS)
    return len(expected) == len(given) == _COLONS + 1 and all(map(matches, expected, given))


def resource_matches(pattern: Pattern, resource: str) -> bool:
    """Whether a pattern in a Resource element matches a resource, which is an ARN or `*`.

    A wildcard matches within one part of the ARN, except that a `*` at the end of a part also
    matches the parts that follow.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
    """
    return _resource_expression(tuple(pattern)).fullmatch(resource) is not None


@lru_cache(maxsize=4096)
def _characters(text: str) -> Pattern:
    return tuple(Wildcard(character) if character in "*?" else character for character in text)


def _value(name: str, values: Mapping[str, Sequence[str]]) -> str | None:
    if name in {"*", "?", "$"}:
        return name
    parsed = _VARIABLE_NAME.fullmatch(name)
    if parsed is None:
        raise UnsupportedPolicy(f"the policy variable ${{{name}}} is not supported")
    given = values.get(parsed[1].lower(), ())
    if len(given) > 1:
        raise UnsupportedPolicy(f"the policy variable ${{{name}}} has more than one value")
    return given[0] if given else parsed[2]


@lru_cache(maxsize=4096)
def _expression(pattern: tuple[str | Wildcard, ...], ignore_case: bool) -> re.Pattern[str]:  # noqa: FBT001 - a key of the cache
    text = _regex(pattern, _EVERYTHING)
    return re.compile(text, re.DOTALL | (re.IGNORECASE if ignore_case else re.NOFLAG))


@lru_cache(maxsize=4096)
def _resource_expression(pattern: tuple[str | Wildcard, ...]) -> re.Pattern[str]:
    parts = _parts(pattern)
    regexes = [
        _regex(part[:-1], _WITHIN_PART) + ".*"
        if part and part[-1] is Wildcard.ANY
        else _regex(part, _WITHIN_PART)
        for part in parts[:_COLONS]
    ]
    # The last part, the resource's own name, can contain colons.
    regexes += [_regex(part, _EVERYTHING) for part in parts[_COLONS:]]
    return re.compile(":".join(regexes), re.DOTALL)


def _regex(pattern: Pattern, wildcards: Mapping[Wildcard, str]) -> str:
    return "".join(
        wildcards[item] if isinstance(item, Wildcard) else re.escape(item) for item in pattern
    )


def _parts(pattern: Pattern) -> list[Pattern]:
    text = "".join("*" if isinstance(item, Wildcard) else item for item in pattern)
    parts: list[Pattern] = []
    start = 0
    for length in map(len, text.split(":", _COLONS)):
        parts.append(pattern[start : start + length])
        start += length + 1
    return parts
