"""Makes an error of botocore's of what botocore cannot parse.

It fails with whatever error its parser meets (AttributeError, ValueError) when a member has another
type than its model says. Nobody would take that for an answer of AWS.
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
    """AWS answered, with something that is no answer. Asking again may help."""

    fmt = "The answer cannot be read ({reason})."


class _Parsers(ResponseParserFactory):
    """Botocore's parsers, which raise UnreadableAnswer alone."""

    def create_parser(self, protocol_name: str) -> ResponseParser:
        parser = super().create_parser(protocol_name)
        parser.parse = partial(_parsed, parser.parse)  # type: ignore[method-assign] # the one way in
        return parser


def raise_in(session: Session) -> None:
    """Let each client that the session makes raise UnreadableAnswer for what it cannot parse."""
    session.register_component("response_parser_factory", _Parsers())


def _parsed(parse: Callable[..., Any], *args: Any, **more: Any) -> Any:
    try:
        return parse(*args, **more)
    except Exception as error:
        raise UnreadableAnswer(reason=error_text(error)) from error
