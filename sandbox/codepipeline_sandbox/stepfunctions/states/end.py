"""Succeed and Fail: the states that end an execution."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

from codepipeline_sandbox.stepfunctions.language.errors import (
    MAXIMUM_CAUSE,
    MAXIMUM_ERROR,
    StateFailed,
)
from codepipeline_sandbox.stepfunctions.language.fields import ABSENT
from codepipeline_sandbox.stepfunctions.states.state import NOWHERE

if TYPE_CHECKING:
    from codepipeline_sandbox.stepfunctions.language.fields import Fields
    from codepipeline_sandbox.stepfunctions.visits.visit import Left, Visit


@dataclass(frozen=True)
class Succeed:
    """A Succeed state.

    https://docs.aws.amazon.com/step-functions/latest/dg/state-succeed.html
    """

    output: Any
    type = "Succeed"
    targets = NOWHERE

    @classmethod
    def read(cls, fields: Fields) -> Succeed:
        """Read the state from its fields."""
        return cls(fields.template("Output"))

    def run(self, visit: Visit) -> Left:
        """End the execution with the value of Output, or else with the input."""
        return visit.leave(None, self.output, {})


@dataclass(frozen=True)
class Fail:
    """A Fail state.

    https://docs.aws.amazon.com/step-functions/latest/dg/state-fail.html
    """

    error: Any
    cause: Any
    type = "Fail"
    targets = NOWHERE

    @classmethod
    def read(cls, fields: Fields) -> Fail:
        """Read the state from its fields."""
        return cls(fields.one_of("Error", str), fields.one_of("Cause", str))

    def run(self, visit: Visit) -> NoReturn:
        """End the execution with the error and its cause."""
        error = _text(visit, self.error, "Error", MAXIMUM_ERROR)
        raise StateFailed(error, _text(visit, self.cause, "Cause", MAXIMUM_CAUSE))


def _text(visit: Visit, template: Any, field: str, longest: int) -> str | None:
    if template is ABSENT:
        return None
    text: str = visit.typed(template, field, str)
    if len(text) > longest:
        cause = (
            f"{field} can have at most {longest} characters in a Fail state, but has {len(text)}."
        )
        raise visit.evaluation_failed(cause, field)
    return text
