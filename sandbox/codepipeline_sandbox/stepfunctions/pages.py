"""Splits a list into pages. A page's token contains the position of its last item."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, TypeVar

from codepipeline_sandbox.stepfunctions.exceptions import InvalidToken

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

T = TypeVar("T")
DEFAULT = 100  # items per page, even if maxResults is 0


def page(
    items: Sequence[T], key: Callable[[T], str], *, limit: int | None, token: str | None
) -> tuple[Sequence[T], str | None]:
    """Return one page of items, and the token of the next page. Raises InvalidToken."""
    start = 0 if token is None else _start(items, key, token)
    end = start + (limit or DEFAULT)
    chosen = items[start:end]
    return chosen, _token(key(chosen[-1])) if end < len(items) else None


def _start(items: Sequence[T], key: Callable[[T], str], token: str) -> int:
    try:
        last = base64.urlsafe_b64decode(token).decode()
    except ValueError as error:
        raise InvalidToken from error
    for index, item in enumerate(items):
        if key(item) == last:
            return index + 1
    raise InvalidToken


def _token(key: str) -> str:
    return base64.urlsafe_b64encode(key.encode()).decode()
