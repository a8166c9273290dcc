"""A rule's run, which determines whether one part of a condition is met."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from codepipeline_sandbox.codepipeline import settings
from codepipeline_sandbox.codepipeline.acts import Act
from codepipeline_sandbox.codepipeline.declaration import variable_check, variables
from codepipeline_sandbox.codepipeline.engine.actions import ActionError
from codepipeline_sandbox.kernel import here

if TYPE_CHECKING:
    from collections.abc import Mapping

    from codepipeline_sandbox.codepipeline.engine.conditions import ConditionRun
    from codepipeline_sandbox.kernel.world import Event


class RuleRun:
    """A rule's run. `status` is one of the API's RuleExecutionStatus values."""

    def __init__(self, condition: ConditionRun, declaration: Mapping[str, Any]) -> None:
        world = here.current().world
        self.id = world.uuid()
        self.condition = condition
        self.stage_run = condition.stage_run
        self.execution = condition.stage_run.execution
        self.number = self.execution.pipeline.next_action_number()
        self.attempt = self.execution.attempt
        self.declaration = declaration
        self.name: str = declaration["name"]
        self.status = "InProgress"
        self.start_time = self.last_update = world.now
        self.configuration: dict[str, str] = dict(declaration.get("configuration", {}))
        self.resolved_configuration = self.configuration
        self.summary: str | None = None
        self.external_execution_id: str | None = None
        self.external_url: str | None = None
        self.error: ActionError | None = None
        self.evaluated = True
        self.updated_by: str | None = None  # who overrode the rule's condition
        self._timers: list[Event] = []

    def begin(self) -> None:
        """Start the check."""
        if self.status != "InProgress":
            return
        try:
            self.resolved_configuration = variables.resolve(
                self.configuration, self.execution.outputs
            )
            act = self._act()
        except variables.Unresolved as error:
            message = f"The reference {error} in the rule {self.name} has no value"
            self._give_up(settings.current().unresolved_reference_code, message)
            return
        except variable_check.CannotCheck as error:
            self._give_up(settings.current().unresolved_reference_code, str(error))
            return
        self._play(act)

    def abandon(self, caller: str | None = None) -> None:
        """Abandon the check. `caller` is set if someone overrode the condition."""
        if self.status == "InProgress":
            self.updated_by = caller
            self._become("Abandoned")

    def _act(self) -> Act:
        pipeline = self.execution.pipeline
        place = (pipeline.name, self.stage_run.name, self.condition.kind, self.name)
        script = pipeline.backend.rule_scripts.get(place)
        if script is not None:
            return script.next()
        duration = settings.current().rule_duration
        if self.declaration["ruleTypeId"]["provider"] != "VariableCheck":
            return Act(duration=duration)
        met = variable_check.met(self.resolved_configuration)
        return Act(duration=duration, outcome="Succeeded" if met else "Failed")

    def _play(self, act: Act) -> None:
        self.external_execution_id = act.external_execution_id
        self.external_url = act.external_url
        world = here.current().world
        self._timers = [world.after(act.duration, lambda: self._finish(act))]
        minutes = self.declaration.get("timeoutInMinutes")
        if minutes is not None:
            self._timers.append(
                world.after(minutes * settings.MINUTE, lambda: self._time_out(minutes))
            )

    def _finish(self, act: Act) -> None:
        self.summary = act.summary
        if act.outcome == "Failed" and (act.error_code or act.error_message):
            self.error = ActionError(
                act.error_code or "JobFailed", act.error_message or "The rule failed"
            )
        self._end(act.outcome)

    def _time_out(self, minutes: int) -> None:
        message = f"The rule {self.name} timed out after {minutes} minutes"
        self._give_up(settings.current().timeout_error_code, message)

    def _give_up(self, code: str, message: str) -> None:
        self.evaluated = False
        self.error = ActionError(code, message)
        self._end("Failed")

    def _end(self, status: str) -> None:
        self._become(status)
        self.condition.rule_ended()

    def _become(self, status: str) -> None:
        for timer in self._timers:
            timer.cancel()
        self.status = status
        self.last_update = here.current().world.now
        self.execution.touch()
