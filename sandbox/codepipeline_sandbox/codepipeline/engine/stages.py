"""The stages of a pipeline, and the runs of a stage."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from codepipeline_sandbox.codepipeline import settings
from codepipeline_sandbox.codepipeline.engine import events
from codepipeline_sandbox.codepipeline.engine.actions import ActionRun
from codepipeline_sandbox.codepipeline.engine.transitions import Direction, Transition
from codepipeline_sandbox.kernel import here

if TYPE_CHECKING:
    from collections.abc import Mapping

    from codepipeline_sandbox.codepipeline.engine.executions import Execution


OPEN = Transition()


class Stage:
    """A stage, with the run that locks it and the executions that are waiting to enter it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.holder: StageRun | None = None
        self.waiting: list[Execution] = []
        self.latest: StageRun | None = None
        self.latest_actions: dict[str, ActionRun] = {}
        self.before: Stage | None = None  # the stage before this one in the pipeline
        # Contains only the transitions that have been changed.
        self.transitions: dict[Direction, Transition] = {}

    @property
    def closed(self) -> bool:
        """Whether a disabled transition keeps executions out."""
        if not self.transition("Inbound").enabled:
            return True
        return self.before is not None and not self.before.transition("Outbound").enabled

    def transition(self, direction: Direction) -> Transition:
        """Return the inbound or the outbound transition."""
        return self.transitions.get(direction, OPEN)


class StageRun:
    """An execution's run of a stage. `status` is one of the API's StageExecutionStatus values."""

    retries = 0
    automatic_retries = 0
    latest_retry_trigger = "ManualStageRetry"

    def __init__(self, execution: Execution, declaration: Mapping[str, Any]) -> None:
        self.execution = execution
        self.declaration = declaration
        self.name: str = declaration["name"]
        self.status = "InProgress"
        self.last_retry: float | None = None
        # The action runs of this attempt, and the successful ones of earlier attempts.
        self.runs: dict[str, ActionRun] = {}
        self._identities: dict[str, str] = {}

    @property
    def running(self) -> list[ActionRun]:
        """The actions in progress."""
        return [run for run in self.runs.values() if run.status == "InProgress"]

    @property
    def execution_ends(self) -> str | None:
        """The execution's status if this stage ends it. None if the execution continues."""
        if self.status in {"Succeeded", "Skipped"}:
            return None
        return self.execution.ending or self.status

    @property
    def passed(self) -> bool:
        """Whether the stage has succeeded and has not been rolled back."""
        return self.status == "Succeeded" and self.execution_ends is None

    def follow_up(self) -> None:
        """Do nothing. Subclasses can act after this stage has ended the execution."""

    def proceed(self) -> None:
        """Start the actions that are ready. If none are left, end the stage."""
        if self.status not in {"InProgress", "Stopping"}:
            return
        running, ending = self.running, self.execution.ending
        if ending is None and self._unsuccessful():
            ending = "Failed"
        if ending is not None:
            if not running:
                self._end(ending)
            return
        ready = self._ready()
        if not ready and not running:
            self._end("Succeeded")
        for declaration in ready[: self._room(len(running))]:
            self._start(declaration)

    def begin_stopping(self) -> None:
        """Start no more actions. The stage ends when its running actions have ended."""
        self.status = "Stopping"
        events.stage_changed(self, "Stopping")

    def abandon(self) -> None:
        """Abandon the running actions."""
        for run in self.running:
            run.abandon()

    def retry(self, mode: str, *, automatic: bool = False) -> None:
        """Run the failed actions again, or all actions if `mode` is ALL_ACTIONS."""
        if mode == "ALL_ACTIONS":
            self.runs = {}
        else:
            self.runs = {n: run for n, run in self.runs.items() if run.status == "Succeeded"}
        world = here.current().world
        self.status = "InProgress"
        self._count_retry(automatic=automatic)
        self.last_retry = world.now
        events.stage_changed(self, "RESUMED")
        world.after(0, self.proceed)

    def _count_retry(self, *, automatic: bool) -> None:
        if automatic:
            self.automatic_retries += 1
        else:
            self.retries += 1
        self.latest_retry_trigger = "AutomatedStageRetry" if automatic else "ManualStageRetry"

    def _unsuccessful(self) -> bool:
        return any(run.status in {"Failed", "Abandoned"} for run in self.runs.values())

    def _ready(self) -> list[Mapping[str, Any]]:
        """The actions with the lowest unfinished run order that have not started yet."""
        left = [
            action
            for action in self.declaration["actions"]
            if action["name"] not in self.runs or self.runs[action["name"]].status != "Succeeded"
        ]
        order = min((action["runOrder"] for action in left), default=0)
        return [a for a in left if a["runOrder"] == order and a["name"] not in self.runs]

    def _room(self, running: int) -> int | None:
        if self.execution.mode.locked:
            return None
        return max(settings.current().parallel_actions - running, 0)

    def _start(self, declaration: Mapping[str, Any]) -> None:
        name = declaration["name"]
        run = ActionRun(self, declaration, self._identity(name))
        self.runs[name] = run
        self.execution.action_runs.append(run)
        self.execution.pipeline.stage(self.name).latest_actions[name] = run
        self.execution.touch()
        events.action_changed(run, "STARTED")
        # All actions with the same run order start before the first of them can fail.
        here.current().world.after(0, run.begin)

    def _identity(self, name: str) -> str:
        identity = here.current().world.uuid()
        first = self._identities.setdefault(name, identity)
        return first if settings.current().retry_keeps_action_execution_id else identity

    def _end(self, status: str) -> None:
        # Only executions can be superseded. The API has no status Superseded for stages.
        self.status = "Cancelled" if status == "Superseded" else status
        events.stage_changed(self, self.status)
        self.execution.stage_ended(self)
