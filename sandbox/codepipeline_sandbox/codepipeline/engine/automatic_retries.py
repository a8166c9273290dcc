"""The automatic retry of a failed stage, which keeps the execution's id.

https://docs.aws.amazon.com/codepipeline/latest/userguide/stage-retry.html#stage-retry-auto
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from codepipeline_sandbox.codepipeline import settings
from codepipeline_sandbox.codepipeline.engine import events, modes
from codepipeline_sandbox.kernel import here

if TYPE_CHECKING:
    from codepipeline_sandbox.codepipeline.engine.conditional_stages import ConditionalStageRun
    from codepipeline_sandbox.kernel.world import Event


class AutomaticRetry:
    """The automatic retry of a stage run. The stage stays locked until the retry starts."""

    def __init__(self, run: ConditionalStageRun) -> None:
        self._run = run
        self._event: Event | None = None

    @property
    def pending(self) -> bool:
        """Whether the retry is scheduled but has not started."""
        return self._event is not None

    def begin(self) -> bool:
        """Schedule the retry. Returns False if the stage has already been retried automatically."""
        run = self._run
        if run.automatic_retries:
            return False
        if settings.current().failure_shows_before_automatic_retry:
            run.status = "Failed"
            events.stage_changed(run, "Failed")
            run.execution.finish("Failed")
        delay = settings.current().automatic_retry_after
        self._event = here.current().world.after(delay, self._retry)
        return True

    def cancel(self) -> None:
        """Cancel the retry if it has not started."""
        if self._event is not None:
            self._event.cancel()
            self._event = None

    def _retry(self) -> None:
        self._event = None
        run = self._run
        if not run.execution.active and not self._possible():
            run.execution.stage_run = None
            modes.leave(run.execution.mode, run.execution.pipeline.stage(run.name), run)
            return
        configuration = run.declaration["onFailure"].get("retryConfiguration", {})
        mode = configuration.get("retryMode", "FAILED_ACTIONS")
        run.execution.retry(run, mode, automatic=True)

    def _possible(self) -> bool:
        pipeline, execution = self._run.execution.pipeline, self._run.execution
        exists = pipeline.backend.pipelines.get(pipeline.name) is pipeline
        return exists and execution.version == pipeline.version
