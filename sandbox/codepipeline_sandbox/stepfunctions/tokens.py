"""Task tokens. Each attempt of a task that waits for a callback has its own token.

https://docs.aws.amazon.com/step-functions/latest/dg/connect-to-resource.html
"""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

from codepipeline_sandbox.stepfunctions.exceptions import InvalidOutput, InvalidToken, TaskTimedOut
from codepipeline_sandbox.stepfunctions.language.errors import StateFailed
from codepipeline_sandbox.stepfunctions.visits.callback import Callback

if TYPE_CHECKING:
    from codepipeline_sandbox.kernel.world import World

RANDOM_BYTES = 486  # makes a token 651 characters long, like AWS's tokens
PREFIX = "AQC"


class TaskTokens:
    """All tokens ever issued in one account and Region, including closed ones."""

    def __init__(self) -> None:
        self._open: dict[str, Callback] = {}
        self._closed: dict[str, str] = {}  # closed tokens, with the ARNs of their state machines

    def issue(self, world: World, state_machine_arn: str) -> Callback:
        """Create a token that SendTaskSuccess and SendTaskFailure accept from now on."""
        random_part = base64.b64encode(world.random.randbytes(RANDOM_BYTES)).decode()
        callback = Callback(PREFIX + random_part, state_machine_arn, world.now)
        self._open[callback.token] = callback
        return callback

    def close(self, callback: Callback) -> None:
        """Close the token because its attempt has ended."""
        if self._open.pop(callback.token, None) is not None:
            self._closed[callback.token] = callback.state_machine_arn

    def state_machine_of(self, token: str) -> str | None:
        """The ARN of the state machine that a token belongs to. None for an unknown token."""
        if token in self._open:
            return self._open[token].state_machine_arn
        return self._closed.get(token)

    def succeed(self, token: str, output: str) -> None:
        """SendTaskSuccess."""
        callback = self._waiting(token)
        try:
            json.loads(output)
        except ValueError as error:
            raise InvalidOutput(str(error)) from error
        self.close(callback)
        callback.answer.resolve(output)

    def fail(self, token: str, error: str | None, cause: str | None) -> None:
        """SendTaskFailure. Without an error name, only States.ALL and States.TaskFailed match."""
        callback = self._waiting(token)
        self.close(callback)
        callback.answer.fail(StateFailed(error, cause))

    def heartbeat(self, token: str, now: float) -> None:
        """SendTaskHeartbeat. Restarts the task's HeartbeatSeconds."""
        self._waiting(token).last_heartbeat = now

    def _waiting(self, token: str) -> Callback:
        if token in self._closed:
            raise TaskTimedOut
        if token not in self._open:
            raise InvalidToken
        return self._open[token]
