"""Draws pipelines and runs on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from rich.console import Console, OverflowMethod

    from playground.demo.board import Board, Pipeline, Run, Stage, Step

_GOOD, _BAD, _GOES_ON = "green", "red", "yellow"
_STYLES = {
    "STARTED": _GOES_ON,
    "RESUMED": _GOES_ON,
    "RUNNING": _GOES_ON,
    "SUCCEEDED": _GOOD,
    None: "dim",
}
_SIGNS = {_GOOD: "✔", _BAD: "✘", _GOES_ON: "●", "dim": "○"}
_PLAIN_SIGNS = {_GOOD: "+", _BAD: "!", _GOES_ON: ">", "dim": "."}
_RUNS = 3


class Pictures:
    """Draws tables with symbols that the terminal's encoding supports."""

    def __init__(self, console: Console) -> None:
        unicode = console.encoding.startswith("utf")
        self._signs = _SIGNS if unicode else _PLAIN_SIGNS
        self._overflow: OverflowMethod = "ellipsis" if unicode else "crop"

    def shortened(self, text: str, style: str = "") -> Text:
        """The text on one line, which a narrow terminal cuts off."""
        return Text(text, style=style, no_wrap=True, overflow=self._overflow)

    def pipelines(self, board: Board) -> Table:
        """Draw the pipelines with their stages, and each stage's actions below it."""
        table = Table.grid(padding=(0, 2))
        for _ in ("account", "pipeline", "a stage", "a stage", "a stage"):
            table.add_column(no_wrap=True)
        for pipeline in board.pipelines.values():
            table.add_row(pipeline.account, self._named(pipeline), *self._stages(pipeline))
        return table

    def runs(self, board: Board, now: float) -> Table:
        """Draw the newest runs with their status and duration."""
        table = Table.grid(padding=(0, 2))
        for _ in ("name", "status", "lasted"):
            table.add_column(no_wrap=True)
        table.add_column()  # only this column is shortened on a narrow terminal
        for run in list(board.runs.values())[-_RUNS:]:
            begun = int((run.ended or now) - run.begun)
            lasted = f"{begun // 60:2}:{begun % 60:02}"
            table.add_row(run.name, self._status(run), lasted, self.shortened(run.asked))
        return table

    def _named(self, pipeline: Pipeline) -> Text:
        times = f"execution {len(pipeline.executions)}" if pipeline.executions else "never run"
        return Text.assemble(pipeline.name, "\n", (times, "dim"))

    def _stages(self, pipeline: Pipeline) -> list[Text]:
        return [
            Text("\n").join([self._step(stage), *map(self._step, stage.actions.values())])
            for stage in pipeline.stages.values()
        ]

    def _step(self, step: Step | Stage) -> Text:
        style = _STYLES.get(step.status, _BAD)
        return Text(f"{self._signs[style]} {step.name}", style=style)

    def _status(self, run: Run) -> Text:
        style = _STYLES.get(run.status, _BAD)
        return Text(f"{self._signs[style]} {run.status}", style=style)
