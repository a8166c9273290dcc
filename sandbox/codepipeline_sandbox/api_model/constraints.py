"""Checks values against the limits in an API model, and describes violations in AWS's wording."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from botocore.model import Shape

# Translates character classes from Java's notation, which the models use, to Python's.
_CHARACTER_CLASSES = {
    r"\p{ASCII}": r"[\x00-\x7F]",
    r"\p{L}": r"\w",
    r"\p{N}": r"\d",
    r"\p{Z}": r" \u00a0\u2000-\u200a\u3000",
}


def broken(shape: Any, value: Any) -> Iterator[str]:
    """Describe each limit that the value violates."""
    size = _size(shape, value)
    metadata = shape.metadata
    if size is not None and "max" in metadata and size > metadata["max"]:
        yield _maximum(shape)
    if size is not None and "min" in metadata and size < metadata["min"]:
        yield _minimum(shape)
    if (
        isinstance(value, str)
        and "pattern" in metadata
        and not _matches(metadata["pattern"], value)
    ):
        yield _pattern(shape)
    if isinstance(value, str) and "enum" in metadata and value not in metadata["enum"]:
        yield _enumeration(shape)


def is_broken(shape: Shape, value: Any) -> bool:
    """Return whether the value violates any limit."""
    return next(broken(shape, value), None) is not None


def kept(shape: Shape) -> Callable[[Any], bool]:
    """Build a function that checks whether a value of the shape's type is within all limits."""
    return (lambda value: not is_broken(shape, value)) if any(limits(shape)) else lambda _: True


def limits(shape: Shape) -> Iterator[str]:
    """Describe all limits of a shape."""
    named = {"max": _maximum, "min": _minimum, "pattern": _pattern, "enum": _enumeration}
    for name, text in named.items():
        if name in shape.metadata:
            yield text(shape)


def _size(shape: Shape, value: Any) -> float | None:
    if shape.type_name == "string":
        # Count UTF-16 units, as Java does.
        return len(value.encode("utf-16-le", "surrogatepass")) // 2
    if shape.type_name in {"list", "map", "blob"}:
        return len(value)
    return value if shape.type_name in {"integer", "long", "float", "double"} else None


def _matches(pattern: str, value: str) -> bool:
    return _compiled(pattern).fullmatch(value) is not None


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    if r"\p{" not in pattern:
        return re.compile(pattern, re.ASCII)
    for java, python in _CHARACTER_CLASSES.items():
        pattern = pattern.replace(java, python)
    return re.compile(pattern)


def _measure(shape: Shape) -> str:
    return "length" if shape.type_name in {"string", "list", "map", "blob"} else "value"


def _maximum(shape: Shape) -> str:
    return f"Member must have {_measure(shape)} less than or equal to {shape.metadata['max']}"


def _minimum(shape: Shape) -> str:
    return f"Member must have {_measure(shape)} greater than or equal to {shape.metadata['min']}"


def _pattern(shape: Shape) -> str:
    return f"Member must satisfy regular expression pattern: {shape.metadata['pattern']}"


def _enumeration(shape: Shape) -> str:
    return f"Member must satisfy enum value set: [{', '.join(shape.metadata['enum'])}]"
