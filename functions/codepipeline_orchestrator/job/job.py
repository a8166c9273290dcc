"""CodePipeline's unit of asking: a job, and what its continuation token says of its run."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from codepipeline_orchestrator.aws.answers import JobEvent, read_answer
from codepipeline_orchestrator.errors import InvalidContinuationToken, InvalidInput
from codepipeline_orchestrator.job.token import plain_token

_RUN_NAME = re.compile(r"[0-9A-Za-z_-]{1,80}")


def _of_function(arn: str | None) -> tuple[str | None, str | None]:
    """The account and the name in a function's ARN, which may have a qualifier at its end."""
    parts = (arn or "").split(":")
    return (parts[4], parts[6]) if len(parts) > 6 else (None, None)  # noqa: PLR2004 - its parts


@dataclass(frozen=True)
class HandOver:
    """A run that waits for its next job: the task to be told of it, and since when."""

    task: str  # token of the state RenewJobLease
    at: datetime  # when the run answered the job before


@dataclass(frozen=True)
class Job:
    """What we need of the job's event. Its credentials are not part of it."""

    id: str
    account: str | None
    function_name: str | None
    user_parameters: str | None
    continuation_token: str | None

    @classmethod
    def of(cls, event: Any, function_arn: str | None = None) -> Self:
        """The job in the event that CodePipeline sends to a Lambda invoke action's function.

        What the event does not say of the account and the function, `function_arn` does: the ARN
        of the function that got it.
        https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-Lambda.html
        Raises InvalidInput without an id: there is no job then that could be answered.
        """
        # Powertools' CodePipelineJobEvent loads the classes of all other events with it.
        job = read_answer(JobEvent, event).job
        if job.id is None:
            raise InvalidInput("The event holds no job of CodePipeline's that could be answered.")
        configuration = job.data.action_configuration.configuration
        account, function_name = _of_function(function_arn)
        return cls(
            id=job.id,
            account=job.account_id or account,
            function_name=configuration.get("FunctionName", function_name),
            user_parameters=configuration.get("UserParameters"),
            continuation_token=job.data.continuation_token,
        )

    @property
    def has_waiters_token(self) -> bool:
        """Whether aws-codepipeline-waiter had the action before: it has started the target then."""
        return isinstance(self._token, dict) and self._token.keys() == {"previous_job_id"}

    @property
    def begins(self) -> bool:
        """Whether the action has no run of ours yet."""
        return self.continuation_token is None or self.has_waiters_token

    @property
    def run(self) -> str:
        """The name of the run that this job belongs to: the id of the job that began it.

        Raises InvalidContinuationToken.
        """
        return self.id if self.begins else self._run_in_token()

    def token(self) -> str:
        """The continuation token for the next job: names the run and the action it belongs to."""
        return plain_token(run=self.run, action=self.action)

    @property
    def hand_over(self) -> HandOver | None:
        """The hand-over that the run waits for, if it does. Ask for `run` first: it checks."""
        try:
            return HandOver(str(self._token["task"]), datetime.fromisoformat(self._token["at"]))
        except (KeyError, TypeError, ValueError):
            return None

    @property
    def action(self) -> str:
        """A digest of what stays the same from job to job of one action execution."""
        configuration = json.dumps([self.account, self.function_name, self.user_parameters])
        return hashlib.sha256(configuration.encode()).hexdigest()[:32]

    @property
    def _token(self) -> Any:
        try:
            return json.loads(self.continuation_token or "null")
        except (ValueError, RecursionError):
            return None

    def _run_in_token(self) -> str:
        try:
            run, action = self._token["run"], self._token["action"]
        except (KeyError, TypeError) as error:
            raise InvalidContinuationToken(
                "The job's continuation token was not written by this orchestrator. Retry the "
                "stage: the action then begins anew."
            ) from error
        if action != self.action or not isinstance(run, str) or not _RUN_NAME.fullmatch(run):
            raise InvalidContinuationToken(
                "The job's continuation token belongs to another action. Retry the stage: the "
                "action then begins anew."
            )
        return run
