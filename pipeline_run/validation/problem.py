"""What is wrong with an input, and where."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong."""

    file: str
    line: int | None  # counted from 1
    place: str  # in a template: resource, stage and action; else empty
    message: str

    def __str__(self) -> str:
        """As compilers tell it, so that editors find the place."""
        where = self.file if self.line is None else f"{self.file}:{self.line}"
        return ": ".join(part for part in (where, self.place, self.message) if part)
