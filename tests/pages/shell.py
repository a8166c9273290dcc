"""Splits shell code into commands, and each command into words."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# A placeholder for a value that the reader fills in, or for another command's output.
SOMETHING = "SOMETHING"
_SEPARATORS = {"|", "&&", "||", ";"}
_INNER = re.compile(r"\$\(([^()]*)\)")
PLACEHOLDER = re.compile(r"<(?!aws\.scheduler\.)[^<>\n]+>")
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=.*", re.DOTALL)


def commands(text: str) -> Iterator[list[str]]:
    """Yield the words of each command, including commands in `$(...)`.

    An unclosed quote raises ValueError.
    """
    text = PLACEHOLDER.sub(SOMETHING, text.replace("\\\n", " "))
    for inner in _INNER.findall(text):
        yield from commands(inner)
    for line in _lines(_INNER.sub(SOMETHING, text)):
        yield from _simple(shlex.split(line, comments=True))


def _lines(text: str) -> Iterator[str]:
    """Yield the lines of the text. A line that ends inside quotes is joined with the next one."""
    pending = ""
    for line in text.splitlines():
        pending += line
        try:
            shlex.split(pending, comments=True)
        except ValueError:
            pending += "\n"
        else:
            yield pending
            pending = ""
    if pending:
        raise ValueError(f"a quote is not closed: {pending.splitlines()[0]}")


def _simple(words: list[str]) -> Iterator[list[str]]:
    command: list[str] = []
    for word in [*words, ";"]:
        if word not in _SEPARATORS:
            command.append(word)
            continue
        while command and _ASSIGNMENT.fullmatch(command[0]):
            command.pop(0)
        if command:
            yield _without_redirection(command)
        command = []


def _without_redirection(command: list[str]) -> list[str]:
    return command[: command.index(">")] if ">" in command else command
