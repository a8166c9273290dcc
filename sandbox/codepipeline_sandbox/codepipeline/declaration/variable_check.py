"""The VariableCheck rule, which compares a variable with a value.

https://docs.aws.amazon.com/codepipeline/latest/userguide/rule-reference-VariableCheck.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class CannotCheck(Exception):
    """The expected value is not a valid regular expression."""


def met(configuration: Mapping[str, str]) -> bool:
    """Whether the variable in a resolved configuration matches the expected value.

    Raises CannotCheck.
    """
    variable, value = configuration["Variable"], configuration["Value"]
    match configuration["Operator"]:
        case "EQ":
            return variable == value
        case "NE":
            return variable != value
        case "CONTAINS":
            return value in variable
        case _:
            return _matches(value, variable)


def _matches(expression: str, text: str) -> bool:
    # AWS uses Java's regular expressions, which must match the entire text.
    try:
        return re.fullmatch(expression, text) is not None
    except re.error as error:
        raise CannotCheck(f"'{expression}' is not a regular expression: {error}") from error
