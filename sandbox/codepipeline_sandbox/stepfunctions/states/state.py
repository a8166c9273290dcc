"""The interface that all states share."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from codepipeline_sandbox.stepfunctions.language.fields import Fields
    from codepipeline_sandbox.stepfunctions.visits.visit import Left, Visit

MAXIMUM_NAME = 80
NOWHERE: Mapping[str, str] = MappingProxyType({})  # the targets of a terminal state


class State(Protocol):
    """A state of a definition."""

    @property
    def type(self) -> str:
        """The name of the state type, as in the definition and in the history's events."""

    @property
    def targets(self) -> Mapping[str, str]:
        """The states that can follow, by the field that names them. Empty for a terminal state."""

    def run(self, visit: Visit) -> Left:
        """Run the state. Raises StateFailed."""


def next_or_end(fields: Fields) -> str | None:
    """Read Next or End, whichever the state has.

    Returns the next state, or None at the end.
    """
    following, end = fields.text("Next"), fields.take("End")
    if (following is None) == (end is not True):
        raise fields.problem("Expected either Next or End: true")
    return following


def next_target(following: str | None) -> Mapping[str, str]:
    """The targets of a state that can only lead to `following`. None means a terminal state."""
    return {"Next": following} if following else NOWHERE
