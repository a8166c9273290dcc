"""Text within the limits of where it goes."""

from __future__ import annotations


def cut(text: str, limit: int) -> str:
    """The text, shortened to `limit` characters with an ellipsis where it had to be."""
    return text if len(text) <= limit else f"{text[: limit - 1]}…"
