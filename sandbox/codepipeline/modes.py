"""The execution modes: how the executions of a pipeline share its stages.

https://docs.aws.amazon.com/codepipeline/latest/userguide/concepts-how-it-works.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from sandbox.codepipeline import settings

if TYPE_CHECKING:
    from sandbox.codepipeline.executions import Execution
    from sandbox.codepipeline.stages import Stage, StageRun


class Mode(Protocol):
    """What happens when an execution comes to a stage and when it leaves one."""

    limited: bool  # in how many executions may be in progress at once
    locked: bool  # a stage belongs to one execution at a time

    def arrive(self, stage: Stage, execution: Execution) -> None:
        """Let the execution enter the stage, now or when its turn comes."""

    def admit(self, stage: Stage) -> None:
        """Let the next execution enter if the stage is free."""

    def definition_changed(self, execution: Execution) -> None:
        """Do with an execution in progress what an update of its pipeline does."""


class _Locked:
    """A stage is locked by one execution; others wait in front of it."""

    limited = False
    locked = True

    def arrive(self, stage: Stage, execution: Execution) -> None:
        self._join(stage, execution)
        self.admit(stage)

    def admit(self, stage: Stage) -> None:
        if stage.holder is not None or stage.closed:
            return
        ready = _ready(stage, locked=True)
        if ready:
            # What was stopped in front of the stage stays in sight until another one passes.
            stage.waiting = [*_ready(stage, locked=False), *ready[1:]]
            ready[0].enter(stage)

    def definition_changed(self, execution: Execution) -> None:
        execution.cancel(settings.current().status_after_update)

    def _join(self, stage: Stage, execution: Execution) -> None:
        raise NotImplementedError


class Superseded(_Locked):
    """One execution waits; of two that would wait, the one that started later does."""

    def _join(self, stage: Stage, execution: Execution) -> None:
        rivals = _ready(stage, locked=True)
        *older, newest = sorted([*rivals, execution], key=lambda each: each.number)
        stage.waiting = [*_ready(stage, locked=False), newest]
        for each in older:
            each.finish("Superseded")


class Queued(_Locked):
    """All wait, first come, first served."""

    limited = True

    def _join(self, stage: Stage, execution: Execution) -> None:
        stage.waiting = [other for other in stage.waiting if other.active]
        stage.waiting.append(execution)


class Parallel:
    """Executions know nothing of each other."""

    limited = True
    locked = False

    def arrive(self, stage: Stage, execution: Execution) -> None:
        """Enter at once, unless the way is closed."""
        if stage.closed and settings.current().parallel_heeds_transitions:
            stage.waiting.append(execution)
        else:
            execution.enter(stage)

    def admit(self, stage: Stage) -> None:
        """Let all enter who have waited for the way to be opened."""
        if not stage.closed:
            ready = _ready(stage, locked=False)
            stage.waiting = [each for each in stage.waiting if each.mode.locked]
            for execution in ready:
                execution.enter(stage)

    def definition_changed(self, execution: Execution) -> None:
        """They run on."""


MODES: dict[str, Mode] = {
    "SUPERSEDED": Superseded(),
    "QUEUED": Queued(),
    "PARALLEL": Parallel(),
}


def admit(stage: Stage) -> None:
    """Let enter whoever may: an update can leave executions of two modes in front of a stage."""
    MODES["PARALLEL"].admit(stage)
    MODES["QUEUED"].admit(stage)


def leave(mode: Mode, stage: Stage, run: StageRun) -> None:
    """Unlock the stage that a run held, for whoever waits."""
    if stage.holder is run:
        stage.holder = None
        mode.admit(stage)


def _ready(stage: Stage, *, locked: bool) -> list[Execution]:
    """Those in front of the stage who would enter, of the modes that lock stages or not."""
    return [
        execution
        for execution in stage.waiting
        if execution.status == "InProgress" and execution.mode.locked == locked
    ]
