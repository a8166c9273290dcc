"""A task's wait for a callback from outside the execution."""

from __future__ import annotations

from codepipeline_sandbox.kernel.world import Promise


class Callback:
    """One attempt's wait for SendTaskSuccess or SendTaskFailure."""

    def __init__(self, token: str, state_machine_arn: str, now: float) -> None:
        self.token = token
        self.state_machine_arn = state_machine_arn
        # Resolves to the output as JSON, or fails with a StateFailed.
        self.answer: Promise[str] = Promise()
        self.last_heartbeat = now
