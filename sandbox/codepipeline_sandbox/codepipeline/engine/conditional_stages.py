"""The run of a stage that has conditions or an automatic retry.

https://docs.aws.amazon.com/codepipeline/latest/userguide/concepts-how-it-works-conditions.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from codepipeline_sandbox.codepipeline import settings
from codepipeline_sandbox.codepipeline.engine import events
from codepipeline_sandbox.codepipeline.engine.automatic_retries import AutomaticRetry
from codepipeline_sandbox.codepipeline.engine.conditions import ConditionRun
from codepipeline_sandbox.codepipeline.engine.stages import StageRun
from codepipeline_sandbox.kernel import here

if TYPE_CHECKING:
    from collections.abc import Mapping

    from codepipeline_sandbox.codepipeline.engine.executions import Execution
    from codepipeline_sandbox.codepipeline.engine.rules import RuleRun

KINDS = ("beforeEntry", "onSuccess", "onFailure")


def passage(execution: Execution, declaration: Mapping[str, Any]) -> StageRun:
    """Create a stage run for an execution, with the stage's conditions if it has any."""
    conditional = any(kind in declaration for kind in KINDS)
    if execution.type == "ROLLBACK" and not settings.current().rollbacks_check_conditions:
        conditional = False
    return (ConditionalStageRun if conditional else StageRun)(execution, declaration)


class ConditionalStageRun(StageRun):
    """A stage run that checks conditions before its actions start and after they end."""

    def __init__(self, execution: Execution, declaration: Mapping[str, Any]) -> None:
        super().__init__(execution, declaration)
        self.conditions: dict[str, ConditionRun] = {}  # the newest check of each kind
        self.rule_runs: list[RuleRun] = []
        self._entered = "beforeEntry" not in declaration
        self._left = "onSuccess" not in declaration
        self._checking: ConditionRun | None = None
        # The condition whose result ended the stage.
        self.ended_by: ConditionRun | None = None
        self._rolls_back = False
        self._automatic_retry = AutomaticRetry(self)

    @property
    def execution_ends(self) -> str | None:
        """The execution's status if this stage ends it. None if the execution continues.

        A stage that is rolled back ends the execution even if its actions succeeded.
        """
        if self._rolls_back and self.status == "Succeeded":
            return settings.current().execution_after_rollback
        return super().execution_ends

    def follow_up(self) -> None:
        """Roll the stage back if it ended with the result ROLLBACK."""
        if self._rolls_back:
            self.execution.pipeline.roll_back(self)

    def proceed(self) -> None:
        """Perform the next step: check conditions, run actions, or end the stage."""
        if self.status not in {"InProgress", "Stopping"}:
            return
        ending = self.execution.ending
        if self._checking is not None:
            self._go_on_after_check(self._checking)
        elif ending is None and not self._entered:
            self._check("beforeEntry")
        elif ending is not None or not self._automatic_retry.pending:
            super().proceed()

    def abandon(self) -> None:
        """Abandon the running actions and rules."""
        if self._checking is not None and self._checking.status == "InProgress":
            self._checking.abandon()
        super().abandon()

    def retry(self, mode: str, *, automatic: bool = False) -> None:
        """Run actions again, and check the conditions at the end of the stage again."""
        self._automatic_retry.cancel()
        self._left = "onSuccess" not in self.declaration
        self._rolls_back = False
        self.ended_by = None
        if settings.current().retry_checks_entry_again:
            self._entered = "beforeEntry" not in self.declaration
        super().retry(mode, automatic=automatic)

    def override(self, condition: ConditionRun, caller: str) -> None:
        """Continue as if the condition were met, even if the execution has ended because of it."""
        condition.override(caller)
        self._automatic_retry.cancel()
        if self._checking not in {None, condition}:
            self._checking.abandon()
        self._checking = condition
        self._rolls_back = False
        self.ended_by = None
        if self.status != "InProgress":
            self.status = "InProgress"
            self.execution.resume(self)
            events.stage_changed(self, "RESUMED")
        here.current().world.after(0, self.proceed)

    def _check(self, kind: str) -> None:
        declared = self.declaration[kind]
        (condition,) = declared["conditions"]
        result = condition.get("result", declared.get("result", "FAIL"))
        run = ConditionRun(self, kind, condition, result)
        self._checking = self.conditions[kind] = run
        self.rule_runs.extend(run.rules)
        run.begin()

    def _go_on_after_check(self, condition: ConditionRun) -> None:
        if condition.status == "InProgress":
            return
        self._checking = None
        if self.execution.ending is not None:
            super().proceed()
        elif condition.kind == "onFailure":
            engages = condition.unmet == (settings.current().failure_result_engages == "unmet")
            self._engage(condition.result if engages else "FAIL")
        elif condition.unmet:
            self._engage_unmet(condition)
        else:
            self._entered = True
            self._left = self._left or condition.kind == "onSuccess"
            super().proceed()

    def _engage_unmet(self, condition: ConditionRun) -> None:
        self.ended_by = condition
        if condition.result == "FAIL" and settings.current().unmet_condition_fails_stage:
            self._stage_failed()
        elif condition.result == "ROLLBACK":
            self._rolls_back = True
            # As documented, the status shows whether the stage's actions have succeeded.
            super()._end("Succeeded")
        else:
            self._engage(condition.result)

    def _end(self, status: str) -> None:
        self._automatic_retry.cancel()
        if self.execution.ending is not None:
            super()._end(status)
        elif status == "Failed":
            self._stage_failed()
        elif not self._left:
            self._check("onSuccess")
        else:
            super()._end(status)

    def _stage_failed(self) -> None:
        declared = self.declaration.get("onFailure", {})
        if "conditions" in declared:
            self._check("onFailure")
        else:
            self._engage(declared.get("result", "FAIL"))

    def _engage(self, result: str) -> None:
        """Apply the result (FAIL, RETRY, ROLLBACK or SKIP) of a failure or an unmet condition."""
        if result == "RETRY" and self._automatic_retry.begin():
            return
        self._rolls_back = result == "ROLLBACK"
        super()._end("Skipped" if result == "SKIP" else "Failed")
