"""Replaces the JSONata library's error messages with those that Step Functions shows.

Step Functions shows the messages of JSONata 2.0.6. The library's messages say Object instead of
function, and do not quote values.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

from codepipeline_sandbox.stepfunctions.language.documents import to_json

if TYPE_CHECKING:
    from jsonata.jexception import JException

_PLACEHOLDER = re.compile(r"\{\{\{\w+\}\}\}|\{\{\w+\}\}")
_RAW = "{{{"  # a placeholder whose value is not quoted
_ARRAY_OF = "T0412"  # Argument ... must be an array of ...
_ELEMENTS = {
    "a": "arrays",
    "b": "booleans",
    "f": "functions",
    "n": "numbers",
    "o": "objects",
    "s": "strings",
}


def message(error: JException) -> str:
    """The message without the error's code."""
    values = [error.current, error.expected, error.extra]
    if error.error == _ARRAY_OF:
        values[2] = _ELEMENTS.get(str(error.extra), error.extra)
    template = error.error_codes.get(error.error)
    if template is None:
        return str(error)

    def value(match: re.Match[str]) -> str:
        shown = values.pop(0)
        if match[0].startswith(_RAW):
            return str(shown)
        return to_json(None if _is_infinite(shown) else shown)

    return _PLACEHOLDER.sub(value, template.replace("Object", "function"))


def _is_infinite(value: Any) -> bool:
    return isinstance(value, float) and not math.isfinite(value)
