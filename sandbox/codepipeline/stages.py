"""Stages: the door that a pipeline's executions pass, and one execution's passage."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox import here
from sandbox.codepipeline import events, settings
from sandbox.codepipeline.actions import ActionRun
from sandbox.codepipeline.transitions import Direction, Transition

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.codepipeline.executions import Execution


OPEN = Transition()


class Stage:
    """A stage of a pipeline: who holds it, who waits in front of it, who was there last."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.holder: StageRun | None = None
        self.waiting: list[Execution] = []
        self.latest: StageRun | None = None
        self.latest_actions: dict[str, ActionRun] = {}
        self.before: Stage | None = None  # the one that is passed before this one
        self.transitions: dict[Direction, Transition] = {}  # those that somebody has changed

    @property
    def closed(self) -> bool:
        """Whether a transition keeps everybody out."""
        if not self.transition("Inbound").enabled:
            return True
        return self.before is not None and not self.before.transition("Outbound").enabled

    def transition(self, direction: Direction) -> Transition:
        """The way in, or the way out."""
        return self.transitions.get(direction, OPEN)


class StageRun:
    """An execution in a stage; its status is one of the API's StageExecutionStatus."""

    retries = 0
    automatic_retries = 0
    latest_retry_trigger = "ManualStageRetry"

    def __init__(self, execution: Execution, declaration: Mapping[str, Any]) -> None:
        self.execution = execution
        self.declaration = declaration
        self.name: str = declaration["name"]
        self.status = "InProgress"
        self.last_retry: float | None = None
        self.runs: dict[str, ActionRun] = {}  # of this attempt, or kept from the one before
        self._identities: dict[str, str] = {}

    @property
    def running(self) -> list[ActionRun]:
        """The actions that are in progress."""
        return [run for run in self.runs.values() if run.status == "InProgress"]

    @property
    def execution_ends(self) -> str | None:
        """The status in which the execution ends with this stage; None when it goes on."""
        if self.status in {"Succeeded", "Skipped"}:
            return None
        return self.execution.ending or self.status

    @property
    def passed(self) -> bool:
        """Whether the stage has succeeded, and has not been rolled back for all that."""
        return self.status == "Succeeded" and self.execution_ends is None

    def follow_up(self) -> None:
        """Do what the stage does when the execution has ended with it: nothing by itself."""

    def proceed(self) -> None:
        """Start what can start, and end when nothing is left to do."""
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
        """Start nothing more; end when what runs has ended."""
        self.status = "Stopping"
        events.stage_changed(self, "Stopping")

    def abandon(self) -> None:
        """Leave the running actions to themselves."""
        for run in self.running:
            run.abandon()

    def retry(self, mode: str, *, automatic: bool = False) -> None:
        """Run the actions that did not succeed again, or all of them (ALL_ACTIONS)."""
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
        """The actions of the lowest run order that has not succeeded as a whole, if not begun."""
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
        # Actions of one run order begin together: none sees another one fail first.
        here.current().world.after(0, run.begin)

    def _identity(self, name: str) -> str:
        identity = here.current().world.uuid()
        first = self._identities.setdefault(name, identity)
        return first if settings.current().retry_keeps_action_execution_id else identity

    def _end(self, status: str) -> None:
        # Only executions are superseded: the API has no such status of a stage.
        self.status = "Cancelled" if status == "Superseded" else status
        events.stage_changed(self, self.status)
        self.execution.stage_ended(self)
