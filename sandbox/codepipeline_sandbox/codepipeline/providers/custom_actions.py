"""Custom actions, whose jobs are handled by job workers.

https://docs.aws.amazon.com/codepipeline/latest/userguide/actions-create-custom-action.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from codepipeline_sandbox.codepipeline.engine.job_actions import JobAction
from codepipeline_sandbox.codepipeline.engine.jobs import Job
from codepipeline_sandbox.kernel import here

if TYPE_CHECKING:
    from codepipeline_sandbox.codepipeline.declaration.custom_types import CustomActionType
    from codepipeline_sandbox.codepipeline.engine.actions import ActionRun


class CustomAction(JobAction):
    """The provider for actions whose type was created by the account."""

    def __init__(self, run: ActionRun, kind: CustomActionType) -> None:
        super().__init__(run)
        self.kind = kind

    def ask(self, token: str | None) -> None:
        """Queue a job for a job worker."""
        job = WorkerJob(self, token)
        self.open(job)

    def link(self, external_execution_id: str) -> str | None:
        """The link to the external work, built from the type's executionUrlTemplate."""
        url = self.kind.url("executionUrlTemplate", self.run.resolved_configuration)
        return url and url.replace("{ExternalExecutionId}", external_execution_id)


class WorkerJob(Job):
    """A job for a worker, Queued until it is polled and Dispatched until it is acknowledged.

    Each poll returns a new nonce. If several workers have polled for the job, the first one to
    acknowledge it gets the job.
    """

    def __init__(self, action: CustomAction, continuation_token: str | None) -> None:
        super().__init__(action, continuation_token)
        self.status = "Queued"
        self.kind = action.kind
        self.configuration = action.run.resolved_configuration
        self.nonces: list[str] = []

    @property
    def waiting(self) -> bool:
        """Whether no worker has acknowledged the job yet."""
        return self.status in {"Queued", "Dispatched"}

    def dispatch(self) -> dict[str, object]:
        """Mark the job as Dispatched, and format it for PollForJobs with a new nonce."""
        self.status = "Dispatched"
        self.nonces.append(str(here.current().world.random.getrandbits(32)))
        return {**self.details(), "nonce": self.nonces[-1]}

    def acknowledge(self, nonce: str) -> bool:
        """Assign the job to the worker with this nonce. Returns False if the nonce is not valid."""
        if nonce not in self.nonces:
            return False
        if self.waiting:
            self.status = "InProgress"
            self.nonces = [nonce]
        return True
