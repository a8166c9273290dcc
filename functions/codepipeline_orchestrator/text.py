"""Text within the limits of where it goes."""

from __future__ import annotations

import unicodedata

# Control characters and lone surrogates; and what turns the direction of writing around. A terminal
# or a page might obey them. Separators of lines and paragraphs are white space to `split`.
_UNSEEN = {"Cc", "Cs"}
_DIRECTIONS = set("\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")

LONGEST_REASON = 1_500  # characters of why something was not done; a message holds 4,500


def cut(text: str, limit: int) -> str:
    """The text, shortened to `limit` characters with an ellipsis where it had to be."""
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def plain(text: str | None, limit: int) -> str | None:
    """What somebody else wrote, on one line and without what cannot be seen; None if nothing."""
    seen = "".join(" " if cannot_be_seen(each) else each for each in text or "")
    return cut(" ".join(seen.split()), limit) or None


def error_text(error: Exception) -> str:
    """An error of any class as a log shows it: `ValueError: not a number`."""
    return f"{type(error).__name__}: {error}"


def is_web_address(text: str) -> bool:
    """Whether a person may follow the address, although somebody else wrote it."""
    is_web = text.startswith(("https://", "http://"))
    return is_web and text.isprintable() and " " not in text


def cannot_be_seen(character: str) -> bool:
    """Whether a terminal or a page would obey the character, or show nothing for it."""
    return unicodedata.category(character) in _UNSEEN or character in _DIRECTIONS
