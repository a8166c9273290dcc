"""The base class for actions that give jobs to a function or a job worker."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codepipeline_sandbox.codepipeline import settings
from codepipeline_sandbox.kernel import here

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from codepipeline_sandbox.codepipeline.engine.actions import ActionRun
    from codepipeline_sandbox.codepipeline.engine.jobs import Job
    from codepipeline_sandbox.kernel.world import Event


class JobAction:
    """A provider whose work is done in jobs. Each continuation token requests another job."""

    def __init__(self, run: ActionRun) -> None:
        self.run = run
        self.jobs = run.execution.pipeline.backend.in_region(run.region).jobs
        self._job: Job | None = None
        self._timers: dict[str, Event] = {}

    def begin(self) -> None:
        """Create the first job."""
        limit = settings.current().job_limit
        message = f"The action timed out after {limit / 3600:g} hours."
        self.after("limit", limit, lambda: self.time_out(message))
        self.ask(None)

    def abandon(self) -> None:
        """Close the current job, so later results do not affect the action."""
        if self._job is not None:
            self._job.abandoned = self._job.open
        self._close("Failed")

    def ask(self, token: str | None) -> None:
        """Send a job to the function or to the workers."""
        raise NotImplementedError

    def link(self, external_execution_id: str) -> str | None:  # noqa: ARG002 - subclasses use it
        """The link to the external work, or None."""
        return None

    def continued(self, token: str) -> None:
        """Schedule the next job, which receives the continuation token."""
        assert self._job is not None
        self._job.status = "Succeeded"
        self.after("next", settings.current().continuation_interval, lambda: self.ask(token))

    def succeeded(self, output_variables: Mapping[str, str]) -> None:
        """Complete the action successfully."""
        self._close("Succeeded")
        self.run.succeed(output_variables)

    def failed(self, code: str, message: str) -> None:
        """Fail the action."""
        self._close("Failed")
        self.run.fail(code, message)

    def time_out(self, message: str) -> None:
        """End the action because it has exceeded its time limit."""
        self._close("TimedOut")
        self.run.fail(settings.current().timeout_error_code, message)

    def open(self, job: Job) -> None:
        """Make this job the current one."""
        self._job = self.jobs[job.id] = job

    def after(self, name: str, seconds: float, action: Callable[[], None]) -> None:
        """Schedule a callback, replacing the one already scheduled under the same name."""
        if name in self._timers:
            self._timers[name].cancel()
        self._timers[name] = here.current().world.after(seconds, action)

    def _close(self, status: str) -> None:
        for timer in self._timers.values():
            timer.cancel()
        if self._job is not None and not self._job.finished:
            self._job.status = status
