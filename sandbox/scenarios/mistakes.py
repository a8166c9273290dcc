"""Mistakes in a scenario, each with its line, a sentence and a suggestion."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_MOST_LISTED = 18  # a longer list would not help


@dataclass(frozen=True, order=True)
class Mistake:
    """A mistake and its line number. The first line is 1."""

    line: int
    text: str


class ScenarioMistakes(Exception):
    """A scenario is invalid. The message contains a line for each mistake."""

    def __init__(self, file: str, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = sorted(set(mistakes))
        super().__init__("\n".join(f"{file}:{one.line}: {one.text}" for one in self.mistakes))


def hint(word: str, words: Iterable[str]) -> str:
    """Add the nearest valid word to a sentence, or all valid words if none is near."""
    known = list(dict.fromkeys(words))
    if (near := nearest(word, known)) is not None:
        return f" Did you mean '{near}'?"
    if not known or len(known) > _MOST_LISTED:
        return ""
    return f" It can be {one_of(known)}."


def nearest(word: str, words: Iterable[str]) -> str | None:
    """The most similar word, ignoring case, or None if none is similar."""
    by_small = {known.lower(): known for known in words}
    found = get_close_matches(word.lower(), by_small, n=1)
    return by_small[found[0]] if found else None


def one_of(words: Iterable[str]) -> str:
    """Format the words as a list in a sentence: a, b or c."""
    *rest, last = words
    return f"{', '.join(rest)} or {last}" if rest else last
