"""Pass: outputs its input, or the value of Output."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from codepipeline_sandbox.stepfunctions.language.assign import assignments
from codepipeline_sandbox.stepfunctions.states.state import next_or_end, next_target

if TYPE_CHECKING:
    from collections.abc import Mapping

    from codepipeline_sandbox.stepfunctions.language.fields import Fields
    from codepipeline_sandbox.stepfunctions.visits.visit import Left, Visit


@dataclass(frozen=True)
class Pass:
    """A Pass state.

    https://docs.aws.amazon.com/step-functions/latest/dg/state-pass.html
    """

    next: str | None
    output: Any
    assign: dict[str, Any]
    type = "Pass"

    @classmethod
    def read(cls, fields: Fields) -> Pass:
        """Read the state from its fields."""
        return cls(next_or_end(fields), fields.template("Output"), assignments(fields))

    @property
    def targets(self) -> Mapping[str, str]:
        """The next state, if any."""
        return next_target(self.next)

    def run(self, visit: Visit) -> Left:
        """Evaluate Output and Assign."""
        return visit.leave(self.next, self.output, self.assign)
