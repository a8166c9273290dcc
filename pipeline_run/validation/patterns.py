"""Finds values with which a partly known text matches a regular expression."""

from __future__ import annotations

import re
import string
from collections import deque
from dataclasses import dataclass, field
from functools import cache

from pipeline_run.validation.unknowns import MARK

_ATOM = re.compile(r"\[(?:[^\]\\]|\\.)+\]|\\.|[^\\\[\](){}|?*+^$]")
_TIMES = re.compile(r"\{(\d+)(?:(,)(\d*))?\}")
_CHARACTERS = "1a" + string.digits + string.ascii_letters + string.punctuation + " "


@dataclass
class _Automaton:
    """The states of a pattern. Each has moves without a character, and moves with one."""

    free: list[list[int]] = field(default_factory=list)
    moves: list[list[tuple[re.Pattern[str], int]]] = field(default_factory=list)

    def state(self) -> int:
        self.free.append([])
        self.moves.append([])
        return len(self.free) - 1


@dataclass
class _Reader:
    """Reads the parts of regular expressions that the fields of an input use."""

    pattern: str
    automaton: _Automaton = field(default_factory=_Automaton)
    at: int = 0

    def alternatives(self, begin: int) -> int:
        end = self.automaton.state()
        while True:
            self.automaton.free[self.sequence(begin)].append(end)
            if self.pattern[self.at : self.at + 1] != "|":
                return end
            self.at += 1

    def sequence(self, begin: int) -> int:
        while self.at < len(self.pattern) and self.pattern[self.at] not in "|)":
            if self.pattern[self.at] in "^$":  # a field's pattern covers the whole value
                self.at += 1
                continue
            begin = self.repeated(begin)
        return begin

    def repeated(self, begin: int) -> int:
        start = self.at
        _Reader(self.pattern, at=start).one_to(self)
        least, most = self.times()
        behind = self.at
        for _ in range(least):
            begin = self.again(start, begin)
        end = self.automaton.state()
        self.automaton.free[begin].append(end)
        if most is None:
            self.automaton.free[self.again(start, end)].append(end)
        for _ in range(least, most or 0):
            begin = self.again(start, begin)
            self.automaton.free[begin].append(end)
        self.at = behind
        return end

    def again(self, start: int, begin: int) -> int:
        """Add another copy of the part that begins at `start`."""
        self.at = start
        return self.one(begin)

    def one_to(self, other: _Reader) -> None:
        """Move another reader behind the part at its position."""
        self.one(self.automaton.state())
        other.at = self.at

    def one(self, begin: int) -> int:
        inner = self.automaton.state()
        self.automaton.free[begin].append(inner)
        if self.pattern[self.at] == "(":
            self.at += 1
            end = self.alternatives(inner)
            self.at += 1
            return end
        atom = _ATOM.match(self.pattern, self.at)
        if atom is None:
            raise NotImplementedError(f"the pattern {self.pattern}")
        self.at = atom.end()
        end = self.automaton.state()
        self.automaton.moves[inner].append((re.compile(atom[0]), end))
        return end

    def times(self) -> tuple[int, int | None]:
        sign = self.pattern[self.at : self.at + 1]
        if sign and sign in "*+?":
            self.at += 1
            return {"*": (0, None), "+": (1, None), "?": (0, 1)}[sign]
        match = _TIMES.match(self.pattern, self.at)
        if not match:
            return 1, 1
        self.at = match.end()
        least = int(match[1])
        if match[2]:
            return least, int(match[3]) if match[3] else None
        return least, least


@cache
def _automaton(pattern: str) -> tuple[_Automaton, int, int]:
    reader = _Reader(pattern)
    begin = reader.automaton.state()
    return reader.automaton, begin, reader.alternatives(begin)


def values(text: str, pattern: str, *, prefer: str = "") -> dict[str, str] | None:
    """The shortest value for each mark with which the text matches, or None if none does.

    `prefer` has the characters to use where the pattern allows several.
    """
    automaton, begin, end = _automaton(pattern)
    characters = prefer + _CHARACTERS
    came: dict[tuple[int, int], tuple[tuple[int, int], str] | None] = {(0, begin): None}
    queue = deque(came)
    while queue:
        at, state = here = queue.popleft()
        if at == len(text) and state == end:
            return _path(text, came, here)
        piece = text[at : at + 1]
        unknown = bool(MARK.match(piece))
        steps = [((at, each), "") for each in automaton.free[state]]
        if unknown:
            steps.append(((at + 1, state), ""))
        elif piece:
            moves = automaton.moves[state]
            steps += [((at + 1, after), "") for atom, after in moves if atom.fullmatch(piece)]
        for step, _ in steps:
            if step not in came:
                came[step] = (here, "")
                queue.appendleft(step)
        if unknown:
            for atom, after in automaton.moves[state]:
                step = (at, after)
                character = next((each for each in characters if atom.fullmatch(each)), None)
                if step not in came and character is not None:
                    came[step] = (here, character)
                    queue.append(step)
    return None


def _path(
    text: str,
    came: dict[tuple[int, int], tuple[tuple[int, int], str] | None],
    here: tuple[int, int],
) -> dict[str, str]:
    found = dict.fromkeys(MARK.findall(text), "")
    step = came[here]
    while step is not None:
        here, character = step
        if character:
            found[text[here[0]]] = character + found[text[here[0]]]
        step = came[here]
    return found
