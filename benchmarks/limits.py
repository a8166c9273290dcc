"""Print measured figures next to their limits."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class Figure:
    """A measured figure and its limit."""

    what: str
    value: float
    limit: float
    unit: str

    @property
    def kept(self) -> bool:
        """Whether the figure is below its limit."""
        return self.value < self.limit


def report(figures: Sequence[Figure]) -> int:
    """Print the figures and return the exit status, which is 1 if a figure exceeds its limit."""
    width = max(len(figure.what) for figure in figures)
    lines = [f"{'':{width}}  {'measured':>10}  {'limit':>10}"]
    for figure in figures:
        measured = f"{figure.value:.1f} {figure.unit}"
        limit = f"{figure.limit:g} {figure.unit}"
        verdict = "ok" if figure.kept else "MISSED"
        lines.append(f"{figure.what:{width}}  {measured:>10}  {limit:>10}  {verdict}")
    sys.stdout.write("\n".join(lines) + "\n")
    return 0 if all(figure.kept for figure in figures) else 1
