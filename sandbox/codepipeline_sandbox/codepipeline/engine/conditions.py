"""A check of a stage's condition, whose rules run in parallel and must all succeed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from codepipeline_sandbox.codepipeline import settings
from codepipeline_sandbox.codepipeline.engine.rules import RuleRun
from codepipeline_sandbox.kernel import here

if TYPE_CHECKING:
    from collections.abc import Mapping

    from codepipeline_sandbox.codepipeline.engine.conditional_stages import ConditionalStageRun


class ConditionRun:
    """A check of a condition. `status` is one of the API's ConditionExecutionStatus values."""

    def __init__(
        self,
        stage_run: ConditionalStageRun,
        kind: str,
        declaration: Mapping[str, Any],
        result: str,
    ) -> None:
        self.stage_run = stage_run
        self.kind = kind  # beforeEntry, onSuccess or onFailure
        self.result = result
        self.status = "InProgress"
        self.last_status_change = here.current().world.now
        self.rules = [RuleRun(self, rule) for rule in declaration["rules"]]

    @property
    def unmet(self) -> bool:
        """Whether the check has ended and the condition was not met."""
        return self.status in {"Failed", "Errored"}

    def begin(self) -> None:
        """Start the rules."""
        for rule in self.rules:
            here.current().world.after(0, rule.begin)

    def rule_ended(self) -> None:
        """End the check if all rules have ended."""
        if self.status == "InProgress" and all(r.status != "InProgress" for r in self.rules):
            self._become(self._outcome())
            self.stage_run.proceed()

    def abandon(self) -> None:
        """Abandon the check and its rules."""
        self._abandon_rules(None)
        self._become("Abandoned")

    def override(self, caller: str) -> None:
        """Treat the condition as met, and abandon the rules that are still running."""
        self._abandon_rules(caller)
        self._become("Overridden")

    def _abandon_rules(self, caller: str | None) -> None:
        for rule in self.rules:
            rule.abandon(caller)

    def _outcome(self) -> str:
        if self.stage_run.execution.ending is not None:
            return "Cancelled"  # the execution is ending anyway
        failed = [rule for rule in self.rules if rule.status == "Failed"]
        if not all(rule.evaluated for rule in failed):
            return settings.current().unevaluated_condition
        return "Failed" if failed else "Succeeded"

    def _become(self, status: str) -> None:
        self.status = status
        self.last_status_change = here.current().world.now
