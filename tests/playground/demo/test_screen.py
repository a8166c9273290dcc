from __future__ import annotations

import io
import re
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from rich.console import Console

from playground.chronicle import Entry
from playground.demo.board import Pipeline, Run, Stage, Step
from playground.demo.report import Message
from playground.demo.screen import Screen

CONTROL = re.compile(r"\x1b\[[?0-9;]*[A-Za-z]")
if TYPE_CHECKING:
    import pytest

NOW = 1767603663.0  # 2026-01-05 09:01:03 UTC
ASKED = "starts and follows a-pipeline-with-a-long-name in 222233334444 for an action"
LINK = "https://eu-west-1.console.aws.amazon.com/" + "a/" * 60


class Terminal(io.TextIOWrapper):
    def __init__(self, encoding: str = "utf-8", height: int = 40) -> None:
        super().__init__(io.BytesIO(), encoding=encoding)
        self.console = Console(
            file=self, force_terminal=True, width=80, height=height, no_color=True, highlight=False
        )

    def written(self) -> str:
        self.flush()
        assert isinstance(self.buffer, io.BytesIO)
        return CONTROL.sub("", self.buffer.getvalue().decode(self.encoding))

    def first_picture(self) -> str:
        self.flush()
        assert isinstance(self.buffer, io.BytesIO)
        first, _, _ = self.buffer.getvalue().decode(self.encoding).partition("\x1b[1A")
        return CONTROL.sub("", first)


def board() -> Any:
    stages = {
        "Build": Stage("Build", "SUCCEEDED", {"Compile": Step("Compile", "SUCCEEDED")}),
        "Deploy": Stage("Deploy", "FAILED", {"Rollout": Step("Rollout", "FAILED")}),
        "Check": Stage("Check", "STARTED", {"Smoke": Step("Smoke")}),
    }
    pipeline = Pipeline("111122223333", "release", stages, "STARTED", ["one", "two"])
    idle = Pipeline("222233334444", "app", {"Build": Stage("Build")})
    runs = {
        str(number): Run(f"arn:run:{number:036}", ASKED, NOW - 65, "RUNNING") for number in range(8)
    }
    return SimpleNamespace(pipelines={1: pipeline, 2: idle}, runs=runs)


def picture(terminal: Terminal) -> str:
    screen = Screen(terminal.console)
    screen.say("It starts.")
    for number in range(9):
        screen.tell(Entry(NOW, "111122223333", "release", f"thing {number}"))
    screen.show(NOW, board(), f"Wait/Wait shows: Waiting for app. It is InProgress: {LINK}")
    screen.close()
    return terminal.first_picture()


def test_the_picture_shows_pipelines_runs_and_new_events() -> None:
    text = picture(Terminal())

    assert "It starts." in text
    assert "Monday 09:01:03 UTC" in text
    assert re.search("111122223333  release +✔ Build +✘ Deploy +● Check", text)
    assert re.search("execution 2 +✔ Compile +✘ Rollout +○ Smoke", text)
    assert "never run" in text
    assert "run 0000000000000  ● RUNNING   1:05  starts and follows a-pipeline-with" in text
    assert "Waiting for app. It is InProgress" in text
    assert "thing 8" in text


def test_the_picture_fits_into_a_small_terminal() -> None:
    text = picture(Terminal(height=24))

    assert text.count("\n") < 24
    assert "RUNNING" in text
    assert "..." not in text


def test_a_terminal_without_the_symbols_shows_substitutes() -> None:
    text = picture(Terminal(encoding="ascii"))

    assert re.search(r"\+ Build +! Deploy +> Check", text)


def test_the_picture_is_not_redrawn_too_often(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    moments = iter([100.0, 100.01, 100.02, 101.0])
    monkeypatch.setattr("playground.demo.screen.time.monotonic", lambda: next(moments))
    terminal = Terminal()
    screen = Screen(terminal.console)

    for second in range(4):
        screen.show(NOW + second, board(), "")
    screen.close()

    text = terminal.written()
    assert "09:01:03" in text
    assert "09:01:04" not in text
    assert "09:01:05" not in text
    assert "09:01:06" in text


def test_the_report_stays_on_the_terminal() -> None:
    terminal = Terminal()
    screen = Screen(terminal.console)

    screen.report(
        [Entry(NOW, "111122223333", "release", "failed", "bad")],
        [Message("release: action Wait", [("Status", "Failed"), ("Error message", LINK)])],
    )
    screen.end("Everything ended.", good=True)

    text = terminal.written()
    assert "09:01:03  111122223333  release          failed" in text
    assert "Status         Failed" in text
    assert LINK in "".join(text.split())
    assert "Everything ended." in text
