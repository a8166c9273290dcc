"""Custom actions: jobs that a job worker polls for.

https://docs.aws.amazon.com/codepipeline/latest/userguide/actions-create-custom-action.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox import here
from sandbox.codepipeline.job_actions import JobAction
from sandbox.codepipeline.jobs import Job

if TYPE_CHECKING:
    from sandbox.codepipeline.actions import ActionRun
    from sandbox.codepipeline.custom_types import CustomActionType


class CustomAction(JobAction):
    """One run of an action of a type that the account has made."""

    def __init__(self, run: ActionRun, kind: CustomActionType) -> None:
        super().__init__(run)
        self.kind = kind

    def ask(self, token: str | None) -> None:
        """Let a job wait for a worker."""
        job = WorkerJob(self, token)
        self.open(job)

    def link(self, external_execution_id: str) -> str | None:
        """The type's executionUrlTemplate, filled in."""
        template = self.kind.document.get("settings", {}).get("executionUrlTemplate")
        if template is None:
            return None
        url: str = template.replace("{ExternalExecutionId}", external_execution_id)
        for key, value in self.run.resolved_configuration.items():
            url = url.replace(f"{{Config:{key}}}", value)
        return url


class WorkerJob(Job):
    """A job that is Queued until a worker polls it, Dispatched until one acknowledges it.

    Each poll gives another nonce: of several workers that polled it, the first one has it.
    """

    def __init__(self, action: CustomAction, continuation_token: str | None) -> None:
        super().__init__(action, continuation_token)
        self.status = "Queued"
        self.kind = action.kind
        self.configuration = action.run.resolved_configuration
        self.nonces: list[str] = []

    @property
    def waiting(self) -> bool:
        """Whether no worker has it yet."""
        return self.status in {"Queued", "Dispatched"}

    def dispatch(self) -> dict[str, object]:
        """As PollForJobs shows it."""
        self.status = "Dispatched"
        self.nonces.append(str(here.current().world.random.getrandbits(32)))
        return {**self.details(), "nonce": self.nonces[-1]}

    def acknowledge(self, nonce: str) -> bool:
        """Give the job to the worker with that nonce; whether it has it now."""
        if nonce not in self.nonces:
            return False
        if self.waiting:
            self.status = "InProgress"
            self.nonces = [nonce]
        return True
