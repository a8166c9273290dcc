"""Raises a botocore error for any response that botocore cannot parse.

When a member has an unexpected type, botocore's parser raises an error such as AttributeError or
ValueError, which callers would not recognize as a problem with AWS's response.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError
from botocore.parsers import ResponseParserFactory

from codepipeline_orchestrator.text import error_text

if TYPE_CHECKING:
    from botocore.parsers import ResponseParser
    from botocore.session import Session


class UnreadableAnswer(BotoCoreError):
    """AWS's response could not be parsed. Retrying may help."""

    fmt = "The response could not be parsed ({reason})."


class _Parsers(ResponseParserFactory):
    """Creates botocore's parsers, wrapped so that they raise only UnreadableAnswer."""

    def create_parser(self, protocol_name: str) -> ResponseParser:
        parser = super().create_parser(protocol_name)
        parser.parse = partial(_parsed, parser.parse)  # type: ignore[method-assign] # the one way in
        return parser


def raise_in(session: Session) -> None:
    """Make the session's clients raise UnreadableAnswer for responses that they cannot parse."""
    session.register_component("response_parser_factory", _Parsers())


def _parsed(parse: Callable[..., Any], *args: Any, **more: Any) -> Any:
    try:
        return parse(*args, **more)
    except Exception as error:
        raise UnreadableAnswer(reason=error_text(error)) from error
