"""Choice: continues with the first rule whose condition is true."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from codepipeline_sandbox.stepfunctions.language.assign import assignments
from codepipeline_sandbox.stepfunctions.language.errors import StateFailed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from codepipeline_sandbox.stepfunctions.language.fields import Fields
    from codepipeline_sandbox.stepfunctions.visits.visit import Left, Visit


@dataclass(frozen=True)
class Rule:
    """One entry of Choices."""

    condition: Any
    next: str
    output: Any
    assign: dict[str, Any]


@dataclass(frozen=True)
class Choice:
    """A Choice state.

    https://docs.aws.amazon.com/step-functions/latest/dg/state-choice.html
    """

    rules: tuple[Rule, ...]
    default: str | None
    output: Any
    assign: dict[str, Any]
    type = "Choice"

    @classmethod
    def read(cls, fields: Fields) -> Choice:
        """Read the state from its fields."""
        rules = tuple(_rule(entry) for entry in fields.objects("Choices"))
        if not rules:
            raise fields.problem("Expected at least one entry", "Choices")
        output, assign = fields.template("Output"), assignments(fields)
        return cls(rules, fields.text("Default"), output, assign)

    @property
    def targets(self) -> Mapping[str, str]:
        """The rules' next states and the default state, by the field that names them."""
        rules = {f"Choices[{index}]/Next": rule.next for index, rule in enumerate(self.rules)}
        return {**rules, **({"Default": self.default} if self.default else {})}

    def run(self, visit: Visit) -> Left:
        """Choose the next state.

        Uses the Output and Assign of the matching rule, or the state's if no rule matches.
        """
        for index, rule in enumerate(self.rules):
            if visit.typed(rule.condition, f"Choices[{index}]/Condition", bool):
                return visit.leave(rule.next, rule.output, rule.assign)
        if self.default is None:
            raise StateFailed(
                "States.NoChoiceMatched",
                f"An error occurred while executing the state '{visit.name}' (entered at the event "
                f"id #{visit.entered_event}). Failed to transition out of the state. The state "
                "does not point to a next state.",
            )
        return visit.leave(self.default, self.output, self.assign)


def _rule(fields: Fields) -> Rule:
    rule = Rule(
        fields.one_of("Condition", bool, required=True),
        fields.text("Next", required=True) or "",
        fields.template("Output"),
        assignments(fields),
    )
    fields.done()
    return rule
