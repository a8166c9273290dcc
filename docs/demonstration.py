"""Draw the README's picture of the demonstration from the output of `make demo`."""

from __future__ import annotations

import io
import re
from contextlib import redirect_stdout
from html import escape
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

PICTURE = Path(__file__).with_name("pictures") / "demonstration.svg"

_ROW = re.compile(r"(\d\d:\d\d:\d\d)  (\d{12})  (.{20})  (\S.*)")
_CHARACTER, _LINE, _MARGIN = 7.25, 17, 18  # in pixels, for a 12-pixel monospace font
_COLUMNS = (0, 10, 24, 46)  # first character of time, account, pipeline and text
_WIDTH = 64  # characters in the last column before it wraps
# Text that depends on the seed: ids, and names that CloudFormation generates.
_IDS = re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}[0-9a-f-]*|(?<=Role-)[0-9A-Z]{12}\b")
_TONES = {
    "bad": re.compile(r"\b(failed|FAILED)\b"),
    "good": re.compile(r"\b(succeeded|SUCCEEDED)\b"),
    "begins": re.compile(r"\b(started|began|resumed|retries)\b"),
}
_STYLE = """\
  svg { background: #fff; font: 12px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace }
  text { fill: #1f2328; white-space: pre } .dim { fill: #6e7781 } .title { font-weight: bold }
  .begins { fill: #0969da } .good { fill: #1a7f37 } .bad { fill: #cf222e }
  @media (prefers-color-scheme: dark) {
    svg { background: #0d1117 } text { fill: #e6edf3 } .dim { fill: #8b949e }
    .begins { fill: #58a6ff } .good { fill: #3fb950 } .bad { fill: #ff7b72 }
  }"""


def printed() -> str:
    """Run the demonstration for a few seconds and return its output, or raise RuntimeError."""
    from playground.demo import __main__ as demo  # noqa: PLC0415 - only needed to draw the picture

    out = io.StringIO()
    with redirect_stdout(out):
        status = demo.main(["--plain"])
    if status:
        raise RuntimeError(out.getvalue().rstrip().rpartition("\n")[2])
    return out.getvalue()


def picture(log: str) -> str:
    """Draw the timeline and the last line as an SVG that supports light and dark mode."""
    lines = [line for row in _rows(log) for line in _lines(row)]
    width = 2 * _MARGIN + round((_COLUMNS[-1] + _WIDTH) * _CHARACTER)
    height = 2 * _MARGIN + len(lines) * _LINE
    texts = [
        f'  <text x="{_MARGIN + column * _CHARACTER:g}" y="{_MARGIN + number * _LINE + 12}"'
        f' class="{tone or "plain"}">{escape(text, quote=False)}</text>'
        for number, line in enumerate(lines)
        for column, tone, text in line
    ]
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}">'
    )
    title = "  <title>make demo: timeline</title>"
    return "\n".join([head, title, f"  <style>\n{_STYLE}\n  </style>", *texts, "</svg>", ""])


def without_ids(text: str) -> str:
    """Mask the IDs and generated names, which depend on the seed."""
    return _IDS.sub(lambda match: "#" * len(match[0]), text)


def _rows(log: str) -> Iterator[tuple[str, ...]]:
    """Yield the rows. A normal row has four texts. A heading has one, and so does the last line."""
    table, _, after = log.partition("Timeline (")[2].partition("\nActions as CodePipeline")
    yield ("$ make demo",)
    yield ("",)
    yield ("Timeline (" + table.splitlines()[0],)
    yield from _ROW.findall(table)
    yield ("",)
    yield (after.rstrip().rpartition("\n")[2],)


def _lines(row: tuple[str, ...]) -> Iterator[list[tuple[int, str, str]]]:
    """Yield each line of a row as texts, each with its first column and its tone."""
    if len(row) == 1:
        yield [(0, "good" if row[0].startswith("Everything") else "title", row[0])]
        return
    time, account, who, what = row
    tone = next((tone for tone, words in _TONES.items() if words.search(what)), "")
    first, *rest = wrap(what, _WIDTH, break_on_hyphens=False)
    cells = [(time, "dim"), (account, "dim"), (who.rstrip(), ""), (first, tone)]
    yield [(at, tone, text) for at, (text, tone) in zip(_COLUMNS, cells, strict=True)]
    yield from ([(_COLUMNS[-1], tone, line)] for line in rest)
