"""The small changes that mutation testing makes to JSONata expressions, one at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from jsonata.tokenizer import Tokenizer

_OPERATORS: dict[str, tuple[str, ...]] = {
    "=": ("!=",),
    "!=": ("=",),
    "<": ("<=", ">"),
    "<=": ("<", ">"),
    ">": (">=", "<"),
    ">=": (">", "<"),
    "and": ("or",),
    "or": ("and",),
    "+": ("-",),
    "-": ("+",),
    "*": ("/",),
    "/": ("*",),
}
_FUNCTIONS = {"min": "max", "max": "min", "ceil": "floor", "floor": "ceil", "not": ""}
_OPENING, _CLOSING = {"(", "[", "{"}, {")", "]", "}"}
_AROUND = 3  # tokens shown on each side of a change that would otherwise have an ambiguous name
_LONGEST = 40  # the maximum length of a part of an expression in a mutant's name


@dataclass(frozen=True)
class Change:
    start: int
    end: int
    new: str
    shown: str

    def applied(self, text: str) -> str:
        return text[: self.start] + self.new + text[self.end :]


def numbers(value: float) -> list[int]:
    """Replacements far from the number, because small changes would have no effect."""
    return [1] if value == 0 else [int(value * 10), int(value // 2)]


def of(text: str) -> Iterator[Change]:
    tokens = _tokens(text)
    members: set[int] = set()  # constants in an array, which are removed but not replaced
    for index, token in enumerate(tokens):
        if index not in members:
            for new in _replacements(tokens, index):
                yield Change(token.start, token.end, new, _shown(text, tokens, index, new))
        if token.text == "?":
            yield from _swapped(text, tokens, index)
        elif token.text == "[" and not _ends_an_operand(tokens, index - 1):
            ends = [index, *(end for end, _ in _ends(tokens, index + 1, {","}))]
            gaps = [(left, right) for left, right in pairwise(ends) if len(ends) > 2]
            # Removing the zero from a sum would change nothing.
            gaps = [gap for gap in gaps if tokens[gap[0] + 1].text != "0"]
            members |= {right - 1 for left, right in gaps if right - left == 2}
            yield from _shortened(text, tokens, index, gaps)
        elif token.text == "$exists":
            yield from _denied(text, tokens, index)


@dataclass(frozen=True)
class _Token:
    kind: str
    value: Any
    start: int
    end: int
    text: str


def _tokens(text: str) -> list[_Token]:
    tokenizer, found, end = Tokenizer(text), [], 0
    while token := tokenizer.next(True):
        start = end + len(text[end:]) - len(text[end:].lstrip())
        found.append(
            _Token(token.type, token.value, start, token.position, text[start : token.position])
        )
        end = token.position
    return [*found, _Token("end", None, end, end, "")]


def _replacements(tokens: list[_Token], index: int) -> Iterator[str]:
    token = tokens[index]
    if token.kind == "operator" and token.text in _OPERATORS:
        if _ends_an_operand(tokens, index - 1):  # otherwise the operator is a sign
            yield from _OPERATORS[token.text]
    elif token.kind == "number":
        yield from map(str, numbers(token.value))
    elif token.kind == "string":
        yield "'changed'"
    elif token.kind == "value" and token.value is not None:
        yield "false" if token.value else "true"
    elif token.kind == "variable" and tokens[index + 1].text == "(" and token.value in _FUNCTIONS:
        function = _FUNCTIONS[token.value]
        yield f"${function}" if function else ""


def _ends_an_operand(tokens: list[_Token], index: int) -> bool:
    return index >= 0 and (tokens[index].kind != "operator" or tokens[index].text in _CLOSING)


def _ends(tokens: list[_Token], index: int, separators: set[str]) -> Iterator[tuple[int, str]]:
    depth = choices = 0
    while depth or tokens[index].text not in {*_CLOSING, ""}:
        text = tokens[index].text
        depth += (text in _OPENING) - (text in _CLOSING)
        if not depth and text == ":" and choices:
            choices -= 1
        elif not depth and text in separators:
            yield index, text
        elif not depth and text == "?":
            choices += 1
        index += 1
    yield index, tokens[index].text


def _swapped(text: str, tokens: list[_Token], question: int) -> Iterator[Change]:
    colon, between = next(_ends(tokens, question + 1, {":", ",", ";"}))
    if between != ":":
        return
    end, _ = next(_ends(tokens, colon + 1, {":", ",", ";"}))
    start, stop = tokens[question + 1].start, tokens[end - 1].end
    one, other = text[start : tokens[colon - 1].end], text[tokens[colon + 1].start : stop]
    yield Change(start, stop, f"{other} : {one}", f"? {_short(one)} : {_short(other)} -> swapped")


def _shortened(
    text: str, tokens: list[_Token], opening: int, gaps: list[tuple[int, int]]
) -> Iterator[Change]:
    """Yield the removal of each array member. A gap is the pair of tokens around a member."""
    for left, right in gaps:
        member = text[tokens[left].end : tokens[right].start]
        if left == opening:
            start, end = tokens[left].end, tokens[right].end
        else:
            start, end = tokens[left].start, tokens[right].start
        yield Change(start, end, "", f"[{_short(member)}] -> left out")


def _denied(text: str, tokens: list[_Token], index: int) -> Iterator[Change]:
    """Yield the negated call unless it is a condition whose values are already swapped."""
    closing, _ = next(_ends(tokens, index + 2, set()))
    if tokens[closing + 1].text != "?":
        start, end = tokens[index].start, tokens[closing].end
        call = text[start:end]
        yield Change(start, end, f"$not({call})", f"{_short(call)} -> $not(...)")


def _shown(text: str, tokens: list[_Token], index: int, new: str) -> str:
    old = tokens[index].text
    shown = f"{_short(old)} -> {new or 'left out'}"
    if sum(token.text == old for token in tokens) == 1:
        return shown
    first, last = tokens[max(0, index - _AROUND)], tokens[min(len(tokens) - 1, index + _AROUND)]
    return f"{shown} at `{_spaced(text[first.start : last.end])}`"


def _short(text: str) -> str:
    text = _spaced(text)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _spaced(text: str) -> str:
    return " ".join(text.split())
