"""A pipeline execution, which passes through the pipeline's stages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from codepipeline_sandbox.codepipeline import settings
from codepipeline_sandbox.codepipeline.engine import events, modes
from codepipeline_sandbox.codepipeline.engine.conditional_stages import passage
from codepipeline_sandbox.codepipeline.exceptions import (
    DuplicatedStopRequestException,
    PipelineExecutionNotStoppableException,
)
from codepipeline_sandbox.kernel import here
from codepipeline_sandbox.kernel.world import Promise

if TYPE_CHECKING:
    from collections.abc import Mapping

    from codepipeline_sandbox.codepipeline.engine.actions import ActionRun
    from codepipeline_sandbox.codepipeline.engine.artifacts import Artifact, Revision
    from codepipeline_sandbox.codepipeline.engine.pipelines import Pipeline
    from codepipeline_sandbox.codepipeline.engine.sources import SourceRevisions
    from codepipeline_sandbox.codepipeline.engine.stages import Stage, StageRun


class Execution:
    """A pipeline execution. `status` is one of the API's PipelineExecutionStatus values."""

    type: Literal["STANDARD", "ROLLBACK"] = "STANDARD"
    rollback_target: str | None = None

    def __init__(
        self,
        pipeline: Pipeline,
        trigger: Mapping[str, str],
        variables: Mapping[str, str],
        source_revisions: SourceRevisions,
    ) -> None:
        world = here.current().world
        self.id = world.uuid()
        self.number = len(pipeline.executions) + 1
        self.pipeline = pipeline
        self.declaration = pipeline.declaration
        self.version = pipeline.version
        self.mode = pipeline.mode
        self.trigger = trigger
        self.variables = variables
        # The revisions requested at the start, by source action.
        self.source_revisions = source_revisions
        self.status = "InProgress"
        self.attempt = 1
        self.start_time = self.last_update = self._ended_at = world.now
        self._status_before_end = self.status
        self.stop_reason: str | None = None
        # Resolves when the execution ends for the first time. The value is its status.
        self.ended: Promise[str] = Promise()
        # The status that the execution will have after its running actions have ended.
        self.ending: str | None = None
        self.abandoning = False
        self.stage_run: StageRun | None = None  # the stage run in progress
        self.stage_runs: dict[str, StageRun] = {}
        self.action_runs: list[ActionRun] = []  # in the order in which they started
        self.artifacts: dict[str, Artifact] = {}
        self.revisions: dict[str, Revision] = {}  # by source action
        self.outputs: dict[str, dict[str, str]] = {
            "codepipeline": {"PipelineExecutionId": self.id},
            "variables": dict(variables),
        }

    @property
    def active(self) -> bool:
        """Whether the execution is still in progress."""
        return self.status in {"InProgress", "Stopping"}

    @property
    def visible(self) -> bool:
        """Whether API calls can find the execution. Very new and very old ones cannot be found."""
        age = here.current().world.now - self.start_time
        using = settings.current()
        return using.execution_visible_after <= age <= using.history_kept

    @property
    def visible_status(self) -> str:
        """The status that GetPipelineExecution shows, which can lag behind the actual status."""
        since_end = here.current().world.now - self._ended_at
        late = not self.active and since_end < settings.current().end_visible_after
        return self._status_before_end if late else self.status

    def start(self) -> None:
        """Enter the first stage."""
        events.pipeline_changed(self, "STARTED")
        self._arrive(0)

    def enter(self, stage: Stage) -> None:
        """Begin a stage. The execution mode calls this method when the stage is available."""
        run = passage(self, self._declared(stage.name))
        self.stage_runs[stage.name] = run
        self._hold(stage, run)
        events.stage_changed(run, "STARTED")
        here.current().world.after(0, run.proceed)

    def stage_ended(self, run: StageRun) -> None:
        """Continue with the next stage, or end the execution."""
        self.stage_run = None
        if run.execution_ends is None:
            self._go_on(run)
        else:
            self.finish(run.execution_ends)
            run.follow_up()
        modes.leave(self.mode, self.pipeline.stage(run.name), run)

    def stop(self, *, abandon: bool, reason: str | None) -> None:
        """Stop the execution. Its running actions either complete first or are abandoned.

        Raises PipelineExecutionNotStoppableException or DuplicatedStopRequestException.
        """
        if not self.active:
            raise PipelineExecutionNotStoppableException(
                f"The pipeline execution {self.id} is {self.status} and cannot be stopped"
            )
        if self.status == "Stopping" and (self.abandoning or not abandon):
            raise DuplicatedStopRequestException(
                f"The pipeline execution {self.id} is already being stopped"
            )
        self.stop_reason = reason if reason is not None else self.stop_reason
        self.abandoning = abandon
        if self.status == "InProgress":
            self._begin_stopping()
        if abandon and self.stage_run is not None:
            self.stage_run.abandon()
        here.current().world.after(0, self._settle)

    def cancel(self, status: str) -> None:
        """End the execution with this status as soon as no action is running."""
        if self.ending is None:
            self.ending = status
        self._settle()

    def end(self) -> None:
        """Cancel the execution and abandon its actions, because its pipeline was deleted."""
        if self.stage_run is not None:
            self.stage_run.abandon()
        self.cancel("Cancelled")

    def retry(self, run: StageRun, mode: str, *, automatic: bool = False) -> None:
        """Run a failed or stopped stage again, under the same execution id."""
        self.resume(run)
        run.retry(mode, automatic=automatic)

    def resume(self, run: StageRun) -> None:
        """Begin a new attempt in the given stage run."""
        self.attempt += 1
        self.ending = self.stop_reason = None
        self.abandoning = False
        self._become("InProgress")
        self._hold(self.pipeline.stage(run.name), run)
        events.pipeline_changed(self, "RESUMED")

    def finish(self, status: str) -> None:
        """End the execution."""
        self._ended_at, self._status_before_end = here.current().world.now, self.status
        self._become(status)
        events.pipeline_changed(self, status)
        self.ended.resolve(status)

    def touch(self) -> None:
        """Record the current time as the time of the execution's last change."""
        self.last_update = here.current().world.now

    def _hold(self, stage: Stage, run: StageRun) -> None:
        self.stage_run = stage.latest = run
        if self.mode.locked:
            stage.holder = run
        self.touch()

    def _arrive(self, index: int) -> None:
        if self.status == "InProgress" and self.ending is None:
            name = self.declaration["stages"][index]["name"]
            self.mode.arrive(self.pipeline.stage(name), self)

    def _go_on(self, run: StageRun) -> None:
        names = [stage["name"] for stage in self.declaration["stages"]]
        following = names.index(run.name) + 1
        gap = settings.current().between_stages
        if following == len(names):
            self.finish("Succeeded")
        elif gap:
            here.current().world.after(gap, lambda: self._arrive(following))
        else:
            self._arrive(following)

    def _begin_stopping(self) -> None:
        self.ending = "Stopped"
        self._become("Stopping")
        events.pipeline_changed(self, "Stopping")
        if self.stage_run is not None:
            self.stage_run.begin_stopping()

    def _settle(self) -> None:
        if self.stage_run is not None:
            self.stage_run.proceed()
        elif self.active and self.ending is not None:
            self.finish(self.ending)

    def _become(self, status: str) -> None:
        self.status = status
        self.touch()

    def _declared(self, name: str) -> Mapping[str, Any]:
        return next(stage for stage in self.declaration["stages"] if stage["name"] == name)
