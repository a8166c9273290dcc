"""Mistakes in a scenario, each with its line, a sentence and a suggestion."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_MOST_LISTED = 18  # Longer lists would not help.


@dataclass(frozen=True, order=True)
class Mistake:
    """A mistake and its line number, counted from 1."""

    line: int
    text: str


class ScenarioMistakes(Exception):
    """The scenario is invalid. The message has a line for each mistake."""

    def __init__(self, file: str, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = sorted(set(mistakes))
        super().__init__("\n".join(f"{file}:{one.line}: {one.text}" for one in self.mistakes))


def hint(word: str, words: Iterable[str]) -> str:
    """Write a sentence with the nearest valid word, or with all valid words if none is similar."""
    known = list(dict.fromkeys(words))
    if (near := nearest(word, known)) is not None:
        return f" Did you mean '{near}'?"
    if not known or len(known) > _MOST_LISTED:
        return ""
    return f" It can be {one_of(known)}."


def nearest(word: str, words: Iterable[str]) -> str | None:
    """Find the most similar word, ignoring case. Returns None if no word is similar."""
    by_small = {known.lower(): known for known in words}
    found = get_close_matches(word.lower(), by_small, n=1)
    return by_small[found[0]] if found else None


def one_of(words: Iterable[str]) -> str:
    """Join the words as in a sentence: a, b or c."""
    *rest, last = words
    return f"{', '.join(rest)} or {last}" if rest else last
