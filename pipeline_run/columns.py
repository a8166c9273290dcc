"""Print rows and paragraphs that fit the terminal."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Mapping, Sequence

from rich.cells import cell_len, set_cell_size

from pipeline_run.output import one_line, say

_GAP = "  "
_NARROWEST = 8  # characters of a column that was cut
_LONGEST = 1_000  # characters of a cell
_ENDLESS = 1_000_000  # characters; without a terminal, nothing is cut
# Deeper than any other line begins, so that no line of a paragraph looks like one of another kind.
_HANGING = " " * 12


def terminal_width() -> int:
    """The terminal's width. Without a terminal, COLUMNS or more than any line needs."""
    return shutil.get_terminal_size((_ENDLESS, 24)).columns


def say_paragraph(text: str) -> None:
    """Print a text in lines that end between words. Without a terminal, print one line."""
    for line in textwrap.wrap(
        one_line(text),
        terminal_width(),
        subsequent_indent=_HANGING,
        break_long_words=False,
        break_on_hyphens=False,
    ):
        say(line)


def columns(
    rows: Sequence[Mapping[str, str]], width: int, flexible: Mapping[str, int]
) -> list[str]:
    """A header and a line for each row.

    If the lines are too long, the widest of the flexible columns is cut first. Each flexible
    column has a number: how many characters wider than the others it may be.
    """
    names = list(rows[0])
    header = {name: name for name in names}
    table = [header, *({name: one_line(row[name][:_LONGEST]) for name in names} for row in rows)]
    widths = {name: max(cell_len(row[name]) for row in table) for name in names}
    while _line_width(widths) > width:
        widest = max(flexible, key=lambda name: widths[name] - flexible[name], default=None)
        if widest is None or widths[widest] <= _NARROWEST:
            break
        widths[widest] -= 1
    return [_GAP.join(_fit(row[name], widths[name]) for name in names).rstrip() for row in table]


def _line_width(widths: Mapping[str, int]) -> int:
    return sum(widths.values()) + len(_GAP) * (len(widths) - 1)


def _fit(text: str, width: int) -> str:
    if cell_len(text) <= width:
        return set_cell_size(text, width)
    return f"{set_cell_size(text, width - 1)}…"
