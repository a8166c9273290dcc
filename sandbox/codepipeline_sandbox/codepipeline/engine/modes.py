"""Execution modes, which define how a pipeline's executions share its stages.

https://docs.aws.amazon.com/codepipeline/latest/userguide/concepts-how-it-works.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from codepipeline_sandbox.codepipeline import settings

if TYPE_CHECKING:
    from codepipeline_sandbox.codepipeline.engine.executions import Execution
    from codepipeline_sandbox.codepipeline.engine.stages import Stage, StageRun


class Mode(Protocol):
    """What happens when an execution reaches a stage and when it leaves the stage."""

    limited: bool  # whether the number of executions in progress is limited
    locked: bool  # whether a stage admits only one execution at a time

    def arrive(self, stage: Stage, execution: Execution) -> None:
        """Admit the execution to the stage, either now or when its turn comes."""

    def admit(self, stage: Stage) -> None:
        """Admit the next execution if the stage is free."""

    def definition_changed(self, execution: Execution) -> None:
        """Apply an update of the pipeline to an execution in progress."""


class _Locked:
    """The modes in which an execution locks its stage and others wait to enter."""

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
            # GetPipelineState shows executions that were stopped while waiting. They are not
            # removed until another execution enters.
            stage.waiting = [*_ready(stage, locked=False), *ready[1:]]
            ready[0].enter(stage)

    def definition_changed(self, execution: Execution) -> None:
        execution.cancel(settings.current().status_after_update)

    def _join(self, stage: Stage, execution: Execution) -> None:
        raise NotImplementedError


class Superseded(_Locked):
    """Only the newest execution waits. It supersedes the others."""

    def _join(self, stage: Stage, execution: Execution) -> None:
        rivals = _ready(stage, locked=True)
        *older, newest = sorted([*rivals, execution], key=lambda each: each.number)
        stage.waiting = [*_ready(stage, locked=False), newest]
        for each in older:
            each.finish("Superseded")


class Queued(_Locked):
    """All executions wait, and enter in the order in which they arrived."""

    limited = True

    def _join(self, stage: Stage, execution: Execution) -> None:
        stage.waiting = [other for other in stage.waiting if other.active]
        stage.waiting.append(execution)


class Parallel:
    """Executions do not affect each other."""

    limited = True
    locked = False

    def arrive(self, stage: Stage, execution: Execution) -> None:
        """Enter the stage immediately, unless its transition is disabled."""
        if stage.closed and settings.current().parallel_heeds_transitions:
            stage.waiting.append(execution)
        else:
            execution.enter(stage)

    def admit(self, stage: Stage) -> None:
        """Admit all executions that waited for the transition to be enabled."""
        if not stage.closed:
            ready = _ready(stage, locked=False)
            stage.waiting = [each for each in stage.waiting if each.mode.locked]
            for execution in ready:
                execution.enter(stage)

    def definition_changed(self, execution: Execution) -> None:
        """Do nothing. The execution continues with its own version of the pipeline."""


MODES: dict[str, Mode] = {
    "SUPERSEDED": Superseded(),
    "QUEUED": Queued(),
    "PARALLEL": Parallel(),
}


def admit(stage: Stage) -> None:
    """Admit all executions that can enter the stage.

    After the pipeline's mode changes, executions of both modes can be waiting.
    """
    MODES["PARALLEL"].admit(stage)
    MODES["QUEUED"].admit(stage)


def leave(mode: Mode, stage: Stage, run: StageRun) -> None:
    """If the run holds the stage, unlock it and admit the next execution."""
    if stage.holder is run:
        stage.holder = None
        mode.admit(stage)


def _ready(stage: Stage, *, locked: bool) -> list[Execution]:
    return [
        execution
        for execution in stage.waiting
        if execution.status == "InProgress" and execution.mode.locked == locked
    ]
