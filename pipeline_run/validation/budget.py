"""Bounds the work for one file, so that no file can block the command."""

from __future__ import annotations

from dataclasses import dataclass

LONGEST_TEXT = 1_048_576  # characters that a template's text can have once it is resolved
_EACH = 200  # the cost of any step, in characters


class TooMuchWork(Exception):
    """Checking the whole file would take too long."""


@dataclass
class Budget:
    """The work that is left for a file, in characters."""

    left: int = 4_000_000

    def spend(self, characters: int) -> None:
        """Count a step that reads this many characters. Raises TooMuchWork."""
        self.left -= _EACH + characters
        if self.left < 0:
            raise TooMuchWork
