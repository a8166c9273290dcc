"""Finds values with which a partly known text matches a regular expression."""

from __future__ import annotations

import re
import string
from collections import deque
from functools import cache
from typing import Any

from pipeline_run.validation.unknowns import MARK

_PART = re.compile(r"\[(?:[^\]\\]|\\.)+\]|\\.|\{\d+(?:,\d*)?\}|[^{}\[\]\\]")
_CHARACTERS = "1a" + string.digits + string.ascii_letters + string.punctuation + " "
# Each item is a pattern for one character or a tuple of alternatives, with the minimum and maximum
# number of its repetitions.
_Sequence = tuple[tuple[Any, int, int | None], ...]
_State = tuple[int, _Sequence]  # the position in the text, and what has to match from there


def values(text: str, pattern: str, *, prefer: str = "") -> dict[str, str] | None:
    """The shortest value for each mark with which the text matches, or None if none does.

    `prefer` has the characters to use where the pattern allows several.
    """
    start: _State = (0, ((_parsed(pattern), 1, 1),))
    came: dict[_State, tuple[_State, str] | None] = {start: None}
    queue = deque([start])
    while queue:
        here = at, rest = queue.popleft()
        if at == len(text) and not rest:
            return _path(text, came, here)
        for step, character in _steps(text[at : at + 1], at, rest, prefer + _CHARACTERS):
            if step not in came:
                came[step] = (here, character)
                (queue.append if character else queue.appendleft)(step)
    return None


def _steps(piece: str, at: int, rest: _Sequence, characters: str) -> list[tuple[_State, str]]:
    """The next states, each with the character that it adds to the value of a mark."""
    is_unknown = MARK.match(piece) is not None
    steps: list[tuple[_State, str]] = [((at + 1, rest), "")] if is_unknown else []
    if not rest:
        return steps
    (item, least, most), *tail = rest
    if least == 0:
        steps.append(((at, (*tail,)), ""))
    if most == 0:
        return steps
    again = ((item, max(least - 1, 0), most and most - 1), *tail)
    if isinstance(item, tuple):
        return [*steps, *(((at, (*each, *again)), "") for each in item)]
    if is_unknown:
        allowed = next(filter(item.fullmatch, characters), None)
        return [*steps, ((at, again), allowed)] if allowed else steps
    return [*steps, ((at + 1, again), "")] if item.fullmatch(piece) else steps


def _path(text: str, came: dict[_State, tuple[_State, str] | None], here: _State) -> dict[str, str]:
    found = dict.fromkeys(MARK.findall(text), "")
    while (step := came[here]) is not None:
        here, character = step
        if character:
            found[text[here[0]]] = character + found[text[here[0]]]
    return found


@cache
def _parsed(pattern: str) -> tuple[_Sequence, ...]:
    return _alternatives(deque(_PART.findall(pattern)))


def _alternatives(parts: deque[str]) -> tuple[_Sequence, ...]:
    """Parse what a field's pattern can contain, up to a closing parenthesis."""
    found: list[_Sequence] = [()]
    while parts and (part := parts.popleft()) != ")":
        if part == "|":
            found.append(())
        elif part not in {"^", "$"}:  # a field's pattern covers the whole value
            item = _alternatives(parts) if part == "(" else re.compile(part)
            found[-1] = (*found[-1], (item, *_times(parts)))
    return tuple(found)


def _times(parts: deque[str]) -> tuple[int, int | None]:
    part = parts[0] if parts else ""
    if part not in {"*", "+", "?"} and part[:1] != "{":
        return 1, 1
    parts.popleft()
    if part[0] == "{":
        least, comma, most = part.strip("{}").partition(",")
        return int(least), int(most) if most else None if comma else int(least)
    return int(part == "+"), 1 if part == "?" else None
