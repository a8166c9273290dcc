"""Splits a list into pages. Each page has an opaque token for the next one.

The token records the position of the page's last item, so items that are added or removed between
two requests cause neither gaps nor repeats.
"""

from __future__ import annotations

import base64
import binascii
import json
from bisect import bisect_right
from typing import TYPE_CHECKING, Any, TypeVar

from codepipeline_sandbox.codepipeline.exceptions import InvalidNextTokenException

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

T = TypeVar("T")


def answer(
    member: str,
    items: Sequence[T],
    describe: Callable[[T], Mapping[str, Any]],
    *,
    position: Callable[[T], Any],
    scope: list[Any],
    size: int,
    token: str | None,
) -> dict[str, Any]:
    """Return the page of items after the token's position, and a token for the next page.

    `position` returns a JSON value that increases from item to item. `scope` identifies the list,
    so tokens from other lists are refused. Raises InvalidNextTokenException.
    """
    start = 0 if token is None else _start(items, position, scope, token)
    shown = items[start : start + size]
    document: dict[str, Any] = {member: [describe(item) for item in shown]}
    if start + size < len(items):
        document["nextToken"] = _token(scope, position(shown[-1]))
    return document


def _start(items: Sequence[T], position: Callable[[T], Any], scope: list[Any], token: str) -> int:
    try:
        token_scope, last = json.loads(base64.urlsafe_b64decode(token.encode()))
        start = bisect_right(items, last, key=position)
    except (ValueError, TypeError, binascii.Error) as error:
        raise InvalidNextTokenException("The next token is not valid") from error
    if token_scope != scope:
        raise InvalidNextTokenException("The next token does not belong to this request")
    return start


def _token(scope: list[Any], position: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps([scope, position]).encode()).decode()
