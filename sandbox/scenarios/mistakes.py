"""What is wrong in a scenario: of each mistake its line, a sentence, the nearest right word."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_MOST_LISTED = 18  # more words are not a hint any more


@dataclass(frozen=True, order=True)
class Mistake:
    """One mistake, and the line on which it is, from 1."""

    line: int
    text: str


class ScenarioMistakes(Exception):
    """A scenario that cannot be played; as a text one line for each mistake."""

    def __init__(self, file: str, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = sorted(set(mistakes))
        super().__init__("\n".join(f"{file}:{one.line}: {one.text}" for one in self.mistakes))


def hint(word: str, words: Iterable[str]) -> str:
    """The nearest right word, or all of them if none is near; to be added to a sentence."""
    known = list(dict.fromkeys(words))
    if (near := nearest(word, known)) is not None:
        return f" Did you mean '{near}'?"
    if not known or len(known) > _MOST_LISTED:
        return ""
    return f" It can be {one_of(known)}."


def nearest(word: str, words: Iterable[str]) -> str | None:
    """The word most like this one, whatever the case; None if none is like it."""
    by_small = {known.lower(): known for known in words}
    found = get_close_matches(word.lower(), by_small, n=1)
    return by_small[found[0]] if found else None


def one_of(words: Iterable[str]) -> str:
    """The words as a sentence lists them: a, b or c."""
    *rest, last = words
    return f"{', '.join(rest)} or {last}" if rest else last
