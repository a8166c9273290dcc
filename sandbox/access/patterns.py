"""Wildcards as policies use them: `*` for any characters, `?` for exactly one.

A policy variable, `${aws:PrincipalArn}`, stands for a value of the request; wildcards in that
value are ordinary characters. Rules:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from enum import Enum
from functools import lru_cache

from sandbox.access.errors import UnsupportedPolicy

_VARIABLE = re.compile(r"\$\{([^}]*)\}")
_VARIABLE_NAME = re.compile(r"\s*([\w.:/@-]+)\s*(?:,\s*'([^']*)'\s*)?")
_ARN_PARTS = 6


class Wildcard(Enum):
    """A character of a pattern that stands for others."""

    ANY = "*"
    ONE = "?"


Pattern = Sequence[str | Wildcard]


def read(text: str, values: Mapping[str, Sequence[str]] | None) -> Pattern | None:
    """The pattern that `text` stands for, or None when a variable has no value.

    `values` are the request's, by lower-case key; None where variables are ordinary text (in
    policies older than version 2012-10-17).
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
    """The text with its variables replaced, for comparisons without wildcards."""
    pattern = read(text, values)
    if pattern is None:
        return None
    return "".join(item.value if isinstance(item, Wildcard) else item for item in pattern)


def matches(pattern: Pattern, text: str, *, ignore_case: bool = False) -> bool:
    """Whether the pattern stands for the whole text."""
    return _expression(tuple(pattern), ignore_case).fullmatch(text) is not None


def arn_matches(pattern: Pattern, arn: str) -> bool:
    """Whether an ARN pattern stands for an ARN: each of the six parts on its own.

    `*` alone stands for everything, and parts that an incomplete pattern leaves out are `*`:
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
    """
    if tuple(pattern) == (Wildcard.ANY,):
        return True
    parts = arn.split(":", _ARN_PARTS - 1)
    patterns = _split(pattern)
    patterns += [[Wildcard.ANY]] * (_ARN_PARTS - len(patterns))
    return len(parts) == _ARN_PARTS and all(map(matches, patterns, parts))


@lru_cache(maxsize=4096)
def _characters(text: str) -> Pattern:
    return tuple(Wildcard(character) if character in "*?" else character for character in text)


def _value(name: str, values: Mapping[str, Sequence[str]]) -> str | None:
    if name in {"*", "?", "$"}:
        return name
    parsed = _VARIABLE_NAME.fullmatch(name)
    if parsed is None:
        raise UnsupportedPolicy(f"the policy variable ${{{name}}} is not understood")
    given = values.get(parsed[1].lower(), ())
    if len(given) > 1:
        raise UnsupportedPolicy(f"the policy variable ${{{name}}} has more than one value")
    return given[0] if given else parsed[2]


@lru_cache(maxsize=4096)
def _expression(pattern: tuple[str | Wildcard, ...], ignore_case: bool) -> re.Pattern[str]:  # noqa: FBT001 - a key of the cache
    expressions = {Wildcard.ANY: ".*", Wildcard.ONE: "."}
    text = "".join(
        expressions[item] if isinstance(item, Wildcard) else re.escape(item) for item in pattern
    )
    return re.compile(text, re.DOTALL | (re.IGNORECASE if ignore_case else re.NOFLAG))


def _split(pattern: Pattern) -> list[list[str | Wildcard]]:
    text = "".join("\0" if isinstance(item, Wildcard) else item for item in pattern)
    parts: list[list[str | Wildcard]] = []
    start = 0
    for length in map(len, text.split(":", _ARN_PARTS - 1)):
        parts.append(list(pattern[start : start + length]))
        start += length + 1
    return parts
