"""CodePipeline's unit of asking: a job, as its event tells it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

from codepipeline_orchestrator.aws.answers import JobEvent, read_answer
from codepipeline_orchestrator.errors import InvalidInput
from codepipeline_orchestrator.job.token import Token, is_waiters


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

        What the event does not say of the account, `function_arn` does: the ARN of the function
        that got it.
        https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-Lambda.html
        Raises InvalidInput without an id: there is no job then that could be answered.
        """
        # Powertools' CodePipelineJobEvent loads the classes of all other events with it.
        job = read_answer(JobEvent, event).job
        if job.id is None:
            raise InvalidInput("The event holds no job of CodePipeline's that could be answered.")
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
        """Whether aws-codepipeline-waiter had the action before: it has started the target then."""
        return is_waiters(self.continuation_token)

    @property
    def begins(self) -> bool:
        """Whether the action has no run of ours yet."""
        return self.continuation_token is None or self.has_waiters_token

    @property
    def token(self) -> Token:
        """The token of a job that does not begin. Raises InvalidContinuationToken."""
        return Token.of(self.continuation_token)


def _of_function(arn: str | None) -> tuple[str | None, str | None]:
    """The account and the name in a function's ARN, which may have a qualifier at its end."""
    parts = (arn or "").split(":")
    return (parts[4], parts[6]) if len(parts) > 6 else (None, None)  # noqa: PLR2004 - its parts
