"""Reads JSON from UserParameters, strictly or with comments removed first."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import Any

from codepipeline_orchestrator.errors import InvalidInput
from codepipeline_orchestrator.input.json_mistakes import explain_json

# A string, or a comment outside a string. A comment extends from `#` or `//` to the end of the
# line.
_STRING_OR_COMMENT = re.compile(r'("(?:[^"\\]|\\.)*"?)|(?:#|//)[^\r\n]*')

TOO_MANY_DIGITS = "The input contains a number with too many digits."


def read_json(text: str, *, has_variables: bool = False) -> Any:
    """Parse the text. Raises InvalidInput with the line and column of the first mistake.

    A duplicate name is also a mistake. `has_variables` means that CodePipeline may have inserted
    variable values into the text.
    """
    try:
        return json.loads(text, object_pairs_hook=_no_duplicates, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise InvalidInput(explain_json(text, error, has_variables=has_variables)) from error
    except ValueError as error:
        raise InvalidInput(TOO_MANY_DIGITS) from error
    except RecursionError as error:
        raise InvalidInput("The input is nested too deeply.") from error


def without_comments(text: str) -> str:
    """The text without its `#` and `//` comments. Line and column numbers stay the same."""
    return _STRING_OR_COMMENT.sub(lambda match: match[1] or "", text)


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) < len(pairs):
        counts = Counter(name for name, _ in pairs)
        twice = next(name for name, count in counts.items() if count > 1)
        raise InvalidInput(f"The input contains the name {twice!r} twice. Keep only one of them.")
    return document


def _no_constant(name: str) -> Any:
    raise InvalidInput(f"The input contains {name}, which is not JSON. Use a number, or remove it.")
