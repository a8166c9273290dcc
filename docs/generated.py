"""The parts of pages that `make generate` writes: each stands between two comments."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

BEGINS, ENDS = "<!-- made by `make generate`", "<!-- up to here -->"


def rewritten(page: str, parts: str, make: Callable[[str], str]) -> str:
    """The page with some of its parts as `make` has them now.

    `parts` is a pattern of how their first comments go on; `make` gets what its group matches.
    """
    marks = re.compile(rf"({BEGINS}: {parts} -->\n).*?({ENDS})", re.DOTALL)
    return marks.sub(lambda part: f"{part[1]}\n{make(part[2])}\n{part[3]}", page)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table as Markdown writes it."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
