"""Shows the demonstration as a log with one line for everything that happens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playground.chronicle import Entry, line

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TextIO

    from playground.demo.board import Board
    from playground.demo.report import Message


class Lines:
    """An audience that reads the demonstration as lines of text."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def tell(self, one: Entry) -> None:
        """Write a line."""
        self._write(line(one))

    def say(self, text: str) -> None:
        """Write a heading."""
        self._write("", text)

    def show(self, now: float, board: Board, summary: str) -> None:
        """Do nothing, because a log has no picture."""

    def report(self, entries: Sequence[Entry], messages: Sequence[Message]) -> None:
        """Write the timeline and the messages."""
        self.say("Timeline (sandbox time, UTC)")
        self._write("", f"{'time':<8}  {'account':<12}  {'pipeline or run':<20}  what")
        self._write(f"{'-' * 8}  {'-' * 12}  {'-' * 20}  {'-' * 40}")
        self._write(*(line(one) for one in entries))
        self.say("Actions as CodePipeline shows them, and runs as Step Functions shows them")
        for message in messages:
            self._write("", message.title)
            for label, text in message.texts:
                first, *rest = text.splitlines()
                self._write(f"  {label + ':':<18}{first}", *(f"{'':<20}{more}" for more in rest))

    def end(self, text: str, *, good: bool) -> None:  # noqa: ARG002 - only the text is printed
        """Write the verdict."""
        self._write("", text)

    def close(self) -> None:
        """Do nothing, because a log needs no cleanup."""

    def _write(self, *lines: str) -> None:
        for text in lines:
            print(text, file=self._out)
        self._out.flush()
