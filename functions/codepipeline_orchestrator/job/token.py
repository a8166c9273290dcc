"""Continuation tokens, which connect an action's next job to its run."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, Self

from codepipeline_orchestrator.errors import InvalidContinuationToken
from codepipeline_orchestrator.model.documents import json_value

_RUN_NAME = re.compile(r"[0-9A-Za-z_-]{1,80}")


@dataclass(frozen=True)
class Token:
    """Names the run, proves that the orchestrator wrote the token, and numbers the next job."""

    run: str  # the run's name
    secret: str  # the secret in the run's item in the jobs table
    n: int  # number of the next job, which CodePipeline creates with this token; the first job is 1

    @classmethod
    def of(cls, text: str | None) -> Self:
        """The token in the text. Raises InvalidContinuationToken if another program wrote it."""
        document = json_value(text)
        if not isinstance(document, dict) or not _is_whole(document):
            raise InvalidContinuationToken(
                "The job's continuation token was not written by this orchestrator. Retry the "
                "stage to start the action again."
            )
        return cls(document["run"], document["secret"], document["n"])

    @property
    def text(self) -> str:
        """The text that CodePipeline stores, far below its limit of 2,048 characters."""
        return json.dumps(
            {"run": self.run, "secret": self.secret, "n": self.n}, separators=(",", ":")
        )

    def following(self) -> Token:
        """The token for the job after this one."""
        return Token(self.run, self.secret, self.n + 1)


def is_waiters(text: str | None) -> bool:
    """Whether aws-codepipeline-waiter wrote the token."""
    document = json_value(text)
    return isinstance(document, dict) and document.keys() == {"previous_job_id"}


def _is_whole(document: dict[str, Any]) -> bool:
    run, secret, number = (document.get(name) for name in ("run", "secret", "n"))
    return (
        isinstance(run, str)
        and _RUN_NAME.fullmatch(run) is not None
        and isinstance(secret, str)
        and secret.isascii()
        and secret != ""
        and type(number) is int
        and number > 1
    )
