"""Extracts the code blocks and inline code in the pages: README.md, docs/ and others."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from markdown_it import MarkdownIt

from docs.generated import BEGINS, ENDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from markdown_it.token import Token

ROOT = Path(__file__).parents[2]
PAGES = [
    *sorted(ROOT.glob("*.md")),
    ROOT / "sandbox" / "README.md",
    *sorted((ROOT / "docs").rglob("*.md")),
]
# Blocks in these languages contain commands.
SHELL = ("indented", "bash", "console", "sh", "shell")


@dataclass(frozen=True)
class Block:
    page: Path
    line: int
    language: str  # A block without a fence is "indented". Inline code is "inline".
    text: str

    @property
    def place(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"

    @property
    def generated(self) -> bool:
        before = "\n".join(self.page.read_text("utf-8").splitlines()[: self.line])
        return before.count(BEGINS) > before.count(ENDS)


def blocks(page: Path) -> Iterator[Block]:
    for token in _tokens(page):
        if token.type == "fence":
            yield Block(page, _line(token), token.info.strip(), token.content)
        elif token.type == "code_block":
            yield Block(page, _line(token), "indented", token.content)


def inline(page: Path) -> Iterator[Block]:
    for token in _tokens(page):
        for child in token.children or []:
            if child.type == "code_inline":
                yield Block(page, _line(token), "inline", child.content)


@cache
def _tokens(page: Path) -> list[Token]:
    return MarkdownIt().enable("table").parse(page.read_text("utf-8"))


def _line(token: Token) -> int:
    return (token.map or [0])[0] + 1


def written_in(*languages: str) -> list[Block]:
    """Return all blocks in these languages, from all pages."""
    return [block for page in PAGES for block in blocks(page) if block.language in languages]


def mistakes(found: Iterable[Block], check: Callable[[str], object]) -> list[str]:
    """Return the errors that the check raises, each with the location of its block."""
    errors = []
    for block in found:
        try:
            check(block.text)
        except (ValueError, AssertionError) as error:
            errors.append(f"{block.place}: {error}")
    return errors
