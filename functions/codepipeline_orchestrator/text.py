"""Shortens and cleans text for messages and logs."""

from __future__ import annotations

import unicodedata

# Control characters, lone surrogates and marks that change the writing direction, all of which
# could affect a terminal or web page. `split` treats line and paragraph separators as white space.
_UNSEEN = {"Cc", "Cs"}
_DIRECTIONS = set("\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")

LONGEST_REASON = 1_500  # characters of a reason in a message; a message can hold 4,500


def cut(text: str, limit: int) -> str:
    """The text, shortened to `limit` characters with an ellipsis if it is longer."""
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def plain(text: str | None, limit: int) -> str | None:
    """Untrusted text on one line, without invisible characters. None if nothing is left."""
    seen = "".join(" " if cannot_be_seen(each) else each for each in text or "")
    return cut(" ".join(seen.split()), limit) or None


def error_text(error: Exception) -> str:
    """Format any error for a log: `ValueError: not a number`."""
    return f"{type(error).__name__}: {error}"


def is_web_address(text: str) -> bool:
    """Whether the untrusted text is safe to show as a link."""
    is_web = text.startswith(("https://", "http://"))
    return is_web and text.isprintable() and " " not in text


def cannot_be_seen(character: str) -> bool:
    """Whether a terminal or web page would interpret the character or leave it invisible."""
    return unicodedata.category(character) in _UNSEEN or character in _DIRECTIONS
