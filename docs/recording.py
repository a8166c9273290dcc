"""Record `pipeline-run watch` in the sandbox as a picture for the README."""

from __future__ import annotations

import io
import json
import os
import re
import time
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout, suppress
from datetime import UTC, datetime
from html import escape
from itertools import groupby, zip_longest
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import patch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from rich.style import Style
    from rich.text import Text

    from playground.company import Company

PICTURE = Path(__file__).with_name("pictures") / "watch.svg"

_TARGET = "deploy-shop"
_COMMAND = "pipeline-run watch"
_COLUMNS = 100
_STEP = 15  # simulated seconds between two updates of the screen
_FRAME = 0.8  # seconds
_CHARACTER, _LINE, _MARGIN = 7.25, 17, 18  # in pixels, for a 12-pixel monospace font
_COLORS = ("", "red", "green", "yellow", "blue", "magenta", "cyan", "")
_BRIGHT_BLACK = 8
_COLOR_SETTINGS = {"COLORTERM", "FORCE_COLOR", "NO_COLOR"}
_CONTROL = re.compile(r"\x1b\[\d*A|\x1b\[2K|\x1b\[\?25[lh]|[\r\n]")
# Text that depends on the seed: IDs, and names that CloudFormation generates.
_IDS = re.compile(
    r"\b[0-9a-f]{8}-[0-9a-f]{4}[0-9a-f-]*|(?<=Machine-)[0-9A-Z]{12}\b|\b[0-9a-f]{12}\b"
)
_STYLE = """\
  svg { background: #fff; font: 12px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace }
  text { fill: #1f2328; white-space: pre } .bold { font-weight: bold }
  .dim { fill: #6e7781 } .red { fill: #cf222e } .green { fill: #1a7f37 } .yellow { fill: #9a6700 }
  .blue { fill: #0969da } .cyan { fill: #1b7c83 } .magenta { fill: #8250df }
  .frame { opacity: 0; animation: shown step-end } @keyframes shown { from { opacity: 1 } }
  .last { animation: hidden step-end } @keyframes hidden { from { opacity: 0 } }
  @media (prefers-reduced-motion: reduce) { .frame, .last { animation: none } }
  @media (prefers-color-scheme: dark) {
    svg { background: #0d1117 } text { fill: #e6edf3 }
    .dim { fill: #8b949e } .red { fill: #ff7b72 } .green { fill: #3fb950 } .yellow { fill: #d29922 }
    .blue { fill: #58a6ff } .cyan { fill: #39c5cf } .magenta { fill: #bc8cff }
  }"""


class Terminal(io.StringIO):
    """A terminal that remembers what it shows."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        """Return true, so that the command draws its live display."""
        return True

    def screen(self) -> list[str]:
        """The rows on the screen, with their colors."""
        rows, row = [""], 0
        for text in re.split(f"({_CONTROL.pattern})", self.getvalue()):
            if text == "\n":
                row += 1
                rows += [""] * (row == len(rows))
            elif text.endswith("A"):
                row -= int(text[2:-1] or 1)
            elif text == "\x1b[2K":
                rows[row] = ""
            elif not _CONTROL.fullmatch(text):
                rows[row] += text
        return rows


def recorded() -> list[list[str]]:
    """Watch a run in the sandbox, and return each screen that the command showed."""
    from codepipeline_sandbox.cloud import Cloud  # noqa: PLC0415 - slow to import
    from pipeline_run.environment import Environment  # noqa: PLC0415 - the same
    from pipeline_run.program import program  # noqa: PLC0415 - the same
    from playground.company import REGION, TOOLS, Company  # noqa: PLC0415 - the same

    screens: list[list[str]] = []
    with Cloud(seed=7) as cloud:
        company = Company(cloud, targets=(), LocalPipelineNames=_TARGET)
        _start_the_second_run(company)

        def sleep(_seconds: float) -> None:
            screens.append(terminal.screen())
            cloud.world.run(until=cloud.world.now + _STEP)

        around = Environment(
            now=lambda: datetime.fromtimestamp(cloud.world.now, UTC),
            ticks=lambda: cloud.world.now,
            sleep=sleep,
            session=lambda _profile, _region: cloud.session(TOOLS, REGION),
            call_each=map,  # the sandbox has no threads
        )
        with _terminal(lambda: cloud.world.now) as terminal:
            with suppress(SystemExit):  # the status says that the target failed
                program.main(["watch"], obj=around)
            screens.append(terminal.screen())
    return screens


def _start_the_second_run(company: Company) -> None:
    """Start a run whose target fails, after a first run that makes the usual duration known."""
    from codepipeline_sandbox.codepipeline import Act  # noqa: PLC0415 - slow to import
    from playground.company import Action  # noqa: PLC0415 - the same

    failure = Act(45, "Failed", error_message="3 of 8 hosts are not healthy")
    stages = {
        "Build": [Action("Compile", (Act(30),))],
        "Test": [Action("Unit", (Act(20),)), Action("Browser", (Act(40),))],
        "Deploy": [Action("Rollout", (Act(60), failure))],
    }
    company.add_pipeline(_TARGET, stages)
    world = company.cloud.world
    for seconds in (600, 2):
        company.stepfunctions().start_execution(
            stateMachineArn=company.state_machine, input=json.dumps({"pipelineName": _TARGET})
        )
        world.run(until=world.now + seconds)


@contextmanager
def _terminal(now: Callable[[], float]) -> Iterator[Terminal]:
    """A terminal with 16 colors, in UTC, whose display uses this clock."""
    kept = {name: value for name, value in os.environ.items() if name not in _COLOR_SETTINGS}
    shown = {"TERM": "xterm", "TZ": "UTC", "COLUMNS": str(_COLUMNS), "LINES": "40"}
    with ExitStack() as undo:
        undo.callback(time.tzset)
        undo.enter_context(patch.dict(os.environ, {**kept, **shown}, clear=True))
        time.tzset()
        undo.enter_context(patch("rich.console.monotonic", now))
        terminal = Terminal()
        undo.enter_context(redirect_stdout(terminal))
        undo.enter_context(redirect_stderr(terminal))
        yield terminal


def picture(screens: Sequence[Sequence[str]]) -> str:
    """Draw the screens as an animation that ends with the last one, in light and dark mode."""
    drawn = [["".join(_words(row)) for row in _rows(screen)] for screen in screens]
    height = 2 * _MARGIN + (max(map(len, drawn)) + 2) * _LINE
    width = 2 * _MARGIN + round(_COLUMNS * _CHARACTER)
    texts = [
        f'  <text {_shown(first, last + 1, len(drawn))}y="{_MARGIN + (row + 2) * _LINE + 12}">'
        f"{text}</text>"
        for row, texts in enumerate(zip_longest(*drawn, fillvalue=""))
        for text, first, last in _unchanged(texts)
    ]
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}">'
    )
    prompt = f'  <text x="{_MARGIN}" y="{_MARGIN + 12}" class="bold">$ {_COMMAND}</text>'
    title = f"  <title>{_COMMAND}</title>"
    return "\n".join(
        [head, title, f"  <style>\n{_STYLE}\n  </style>", prompt, *texts, "</svg>", ""]
    )


def _unchanged(texts: Sequence[str]) -> Iterator[tuple[str, int, int]]:
    """Yield the texts that a row shows, each with its first and last screen."""
    for text, shown in groupby(enumerate(texts), key=itemgetter(1)):
        numbers = [number for number, _ in shown]
        if text:
            yield text, numbers[0], numbers[-1]


def _shown(first: int, end: int, screens: int) -> str:
    """The SVG attributes that show a text on some of the screens. The last screen stays."""
    if end == screens:
        return f'class="last" style="animation-duration:{first * _FRAME:g}s" ' if first else ""
    times = f"animation-duration:{(end - first) * _FRAME:g}s;animation-delay:{first * _FRAME:g}s"
    return f'class="frame" style="{times}" '


def _rows(screen: Sequence[str]) -> Iterator[Text]:
    """Yield the rows of a screen, with long lines wrapped as in a terminal."""
    from rich.ansi import AnsiDecoder  # noqa: PLC0415 - only needed to draw the picture

    for line in AnsiDecoder().decode("\n".join(screen).rstrip()):
        line.rstrip()
        yield from line.divide(range(_COLUMNS, len(line), _COLUMNS))


def _words(row: Text) -> Iterator[str]:
    """Yield each word with its own position, because fonts have different widths."""
    from rich.console import Console  # noqa: PLC0415 - only needed to draw the picture

    column = 0
    for text, style, _ in row.render(Console(width=_COLUMNS)):
        tone = _tone(style) if style else ""
        for word in re.finditer(r"\S+(?: \S+)*", text):
            x = _MARGIN + (column + word.start()) * _CHARACTER
            named = f' class="{tone}"' if tone else ""
            yield f'<tspan x="{x:g}"{named}>{escape(word[0], quote=False)}</tspan>'
        column += len(text)


def _tone(style: Style) -> str:
    """The CSS classes for a style. Bright black is a dim color."""
    number = style.color.number if style.color else None
    dim = style.dim or number == _BRIGHT_BLACK
    color = "" if number is None else _COLORS[number % len(_COLORS)]
    return " ".join(each for each in ("bold" * bool(style.bold), "dim" * bool(dim), color) if each)


def without_ids(text: str) -> str:
    """Mask the IDs and generated names, which depend on the seed."""
    return _IDS.sub(lambda match: "#" * len(match[0]), text)
