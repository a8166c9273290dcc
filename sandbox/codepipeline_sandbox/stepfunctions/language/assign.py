"""Assign: variables that a state sets for later states."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from codepipeline_sandbox.stepfunctions.language.documents import (
    MAXIMUM_BYTES,
    limited_json,
    to_json,
)
from codepipeline_sandbox.stepfunctions.language.errors import StateFailed
from codepipeline_sandbox.stepfunctions.language.fields import ABSENT, Fields

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,79}")
RESERVED = frozenset({"states"})
MAXIMUM_OF_ALL = 10 * 1024 * 1024  # bytes, the maximum for all variables of an execution


def assignments(fields: Fields, offered: Collection[str] = ()) -> dict[str, Any]:
    """Read the Assign field. The result maps variable names to templates.

    See `Fields.template` for `offered`.
    """
    value = fields.template("Assign", offered)
    if value is ABSENT:
        return {}
    if not isinstance(value, dict):
        raise fields.problem("Expected an object", "Assign")
    for name in value:
        if not NAME.fullmatch(name) or name in RESERVED:
            raise fields.problem(f"'{name}' is not a valid variable name", "Assign")
    return value


def assigned(
    variables: Mapping[str, Any], values: Mapping[str, Any], state: str
) -> tuple[dict[str, Any], dict[str, str]]:
    """Return all variables after an Assign, and the new ones as JSON for the history.

    Raises States.DataLimitExceeded above 256 KiB for one Assign or 10 MiB in total.
    """
    texts = {name: limited_json(value, state) for name, value in values.items()}
    after = {**variables, **values}
    if sum(len(text.encode()) for text in texts.values()) > MAXIMUM_BYTES:
        raise StateFailed("States.DataLimitExceeded", f"The Assign of '{state}' is too large.")
    if values and len(to_json(after).encode()) > MAXIMUM_OF_ALL:
        raise StateFailed("States.DataLimitExceeded", "The variables are too large.")
    return after, texts
