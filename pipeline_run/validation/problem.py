"""A problem with an input, and its location."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from pipeline_run.output import one_line


class Severity(StrEnum):
    """Whether a run would refuse the input."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True)
class Problem:
    """A problem with an input."""

    file: str
    line: int | None  # counted from 1
    place: str  # resource, stage and action in a template, otherwise empty
    message: str
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        """The problem in the format of compiler errors, so that editors can find the line."""
        where = self.file if self.line is None else f"{self.file}:{self.line}"
        kind = "warning" if self.severity is Severity.WARNING else ""
        return one_line(": ".join(part for part in (where, self.place, kind, self.message) if part))
