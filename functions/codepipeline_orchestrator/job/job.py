"""A CodePipeline job, read from its event."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

from codepipeline_orchestrator.aws.answers import JobEvent, read_answer
from codepipeline_orchestrator.errors import InvalidInput
from codepipeline_orchestrator.job.token import Token, is_waiters


@dataclass(frozen=True)
class Job:
    """The parts of a job's event that the orchestrator needs, without its credentials."""

    id: str
    account: str | None
    function_name: str | None
    user_parameters: str | None
    continuation_token: str | None

    @classmethod
    def of(cls, event: Any, function_arn: str | None = None) -> Self:
        """The job in the event that CodePipeline sends to a Lambda invoke action's function.

        If the event lacks the account, the account comes from `function_arn`, the ARN of the
        function that received the event. Raises InvalidInput if the event has no job id.
        https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-Lambda.html
        """
        # Powertools' CodePipelineJobEvent would also load the classes of all other events.
        job = read_answer(JobEvent, event).job
        if job.id is None:
            raise InvalidInput("The event contains no CodePipeline job that could be answered.")
        account, function_name = _of_function(function_arn)
        return cls(
            id=job.id,
            account=job.account_id or account,
            function_name=function_name,
            user_parameters=job.data.action_configuration.configuration.get("UserParameters"),
            continuation_token=job.data.continuation_token,
        )

    @property
    def has_waiters_token(self) -> bool:
        """Whether aws-codepipeline-waiter has handled the action so far and started the target."""
        return is_waiters(self.continuation_token)

    @property
    def begins(self) -> bool:
        """Whether this is the action's first job, before the action has a run."""
        return self.continuation_token is None or self.has_waiters_token

    @property
    def token(self) -> Token:
        """The token of a later job. Raises InvalidContinuationToken."""
        return Token.of(self.continuation_token)


def _of_function(arn: str | None) -> tuple[str | None, str | None]:
    """The account and the name in a function's ARN, which may end with a qualifier."""
    parts = (arn or "").split(":")
    return (parts[4], parts[6]) if len(parts) > 6 else (None, None)  # noqa: PLR2004 - its parts
