"""Rewrite the parts of pages that `make generate` owns, each between two comments."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

BEGINS, ENDS = "<!-- made by `make generate`", "<!-- up to here -->"


def rewritten(page: str, parts: str, make: Callable[[str], str]) -> str:
    """Replace each generated part whose opening comment matches `parts` with what `make` returns.

    `parts` is a pattern for the end of that comment. `make` receives the pattern's first group.
    """
    marks = re.compile(rf"({BEGINS}: {parts} -->\n).*?({ENDS})", re.DOTALL)
    return marks.sub(lambda part: f"{part[1]}\n{make(part[2])}\n{part[3]}", page)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
