"""A problem with an input, and its location."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """A problem with an input."""

    file: str
    line: int | None  # counted from 1
    place: str  # resource, stage and action in a template, otherwise empty
    message: str

    def __str__(self) -> str:
        """The problem in the format of compiler errors, so that editors can find the line."""
        where = self.file if self.line is None else f"{self.file}:{self.line}"
        return ": ".join(part for part in (where, self.place, self.message) if part)
