"""The problems that were found in files, each with its location."""

from __future__ import annotations

from dataclasses import dataclass, field
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


@dataclass
class Findings:
    """The results of checking files."""

    checked: int = 0  # number of inputs
    problems: list[Problem] = field(default_factory=list)
    others: list[str] = field(default_factory=list)  # what starts something else

    @property
    def errors(self) -> list[Problem]:
        """The problems that would make a run refuse an input."""
        return [each for each in self.problems if each.severity is Severity.ERROR]

    @property
    def warnings(self) -> list[Problem]:
        """The other problems."""
        return [each for each in self.problems if each.severity is Severity.WARNING]

    def add(
        self,
        file: str,
        message: str,
        *,
        line: int | None = None,
        place: str = "",
        severity: Severity = Severity.ERROR,
    ) -> None:
        """Add a problem, unless another branch of a condition has the same one."""
        problem = Problem(file, line, place, message, severity)
        if problem not in self.problems[-20:]:
            self.problems.append(problem)
