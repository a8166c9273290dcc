"""References to variables in an action's configuration, written as `#{namespace.name}`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

LARGEST = 100 * 1024  # in bytes, after all references have been resolved
REFERENCE = re.compile(r"#\{([^{}]*)\}")


class Unresolved(Exception):
    """A reference has no value when the action starts."""


class TooLarge(Exception):
    """The configuration exceeds 100 KB once its references are resolved."""


def references(text: str) -> Iterator[str]:
    """Yield the text of each reference, between `#{` and `}`."""
    return (match[1] for match in REFERENCE.finditer(text))


def resolve(
    configuration: Mapping[str, str], values: Mapping[str, Mapping[str, str]]
) -> dict[str, str]:
    """Replace each reference in the configuration with its value from `values`.

    Raises Unresolved with the reference, or TooLarge with the size.
    """
    resolved = {key: _resolve(text, values) for key, text in configuration.items()}
    size = sum(len(text.encode()) for pair in resolved.items() for text in pair)
    if size > LARGEST:
        raise TooLarge(f"{size} bytes")
    return resolved


def _resolve(text: str, values: Mapping[str, Mapping[str, str]]) -> str:
    def value_of(match: re.Match[str]) -> str:
        namespace, _, name = match[1].partition(".")
        try:
            return values[namespace][name]
        except KeyError:
            raise Unresolved(match[0]) from None

    return REFERENCE.sub(value_of, text)
