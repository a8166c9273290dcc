"""Task: calls a service, with retries, and catches its errors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from codepipeline_sandbox.stepfunctions.integrations.resource import Resource, resource
from codepipeline_sandbox.stepfunctions.language.assign import assignments
from codepipeline_sandbox.stepfunctions.language.errors import StateFailed
from codepipeline_sandbox.stepfunctions.language.fields import ABSENT
from codepipeline_sandbox.stepfunctions.language.references import RESULT
from codepipeline_sandbox.stepfunctions.language.retry import (
    Catcher,
    Retrier,
    Retries,
    catchers,
    retriers,
)
from codepipeline_sandbox.stepfunctions.states.state import next_or_end, next_target

if TYPE_CHECKING:
    from collections.abc import Mapping

    from codepipeline_sandbox.stepfunctions.language.fields import Fields
    from codepipeline_sandbox.stepfunctions.visits.visit import Left, Visit

LONGEST = 99_999_999  # seconds, the maximum for TimeoutSeconds and HeartbeatSeconds


@dataclass(frozen=True)
class Task:
    """A Task state.

    https://docs.aws.amazon.com/step-functions/latest/dg/state-task.html
    """

    next: str | None
    resource: Resource
    arguments: Any
    timeout_seconds: Any
    heartbeat_seconds: Any
    output: Any
    assign: dict[str, Any]
    retry: tuple[Retrier, ...]
    catch: tuple[Catcher, ...]
    type = "Task"

    @classmethod
    def read(cls, fields: Fields) -> Task:
        """Read the state from its fields."""
        limits = [_seconds(fields, name) for name in ("TimeoutSeconds", "HeartbeatSeconds")]
        timeout, heartbeat = limits
        if isinstance(timeout, int) and isinstance(heartbeat, int) and heartbeat >= timeout:
            raise fields.problem("Expected a number less than TimeoutSeconds", "HeartbeatSeconds")
        what = resource(fields)
        return cls(
            next=next_or_end(fields),
            resource=what,
            arguments=what.arguments(fields),
            timeout_seconds=timeout,
            heartbeat_seconds=heartbeat,
            output=fields.template("Output", {RESULT}),
            assign=assignments(fields, {RESULT}),
            retry=retriers(fields),
            catch=catchers(fields),
        )

    @property
    def targets(self) -> Mapping[str, str]:
        """The next state and the catchers' next states, by the field that names them."""
        catchers = enumerate(self.catch)
        return {
            **next_target(self.next),
            **{f"Catch[{index}]/Next": catcher.next for index, catcher in catchers},
        }

    def run(self, visit: Visit) -> Left:
        """Make attempts until one succeeds or no retrier applies. Then look for a catcher."""
        retries = Retries(self.retry)
        while True:
            visit.retry_count = retries.count
            try:
                return self._attempt(visit)
            except StateFailed as failure:
                delay = retries.delay_after(failure, visit.world.random)
                if delay is None:
                    return self._caught(visit, failure)
            visit.world.sleep(delay)

    def _attempt(self, visit: Visit) -> Left:
        result = self.resource.attempt(self, visit)
        return visit.leave(self.next, self.output, self.assign, result=result)

    def _caught(self, visit: Visit, failure: StateFailed) -> Left:
        for catcher in self.catch:
            if failure.matches(catcher.error_equals):
                return visit.leave(
                    catcher.next,
                    catcher.output,
                    catcher.assign,
                    error_output=failure.error_output,
                )
        raise failure


def _seconds(fields: Fields, name: str) -> Any:
    seconds = fields.one_of(name, int)
    if isinstance(seconds, int) and not 1 <= seconds <= LONGEST:
        raise fields.problem(f"Expected a number from 1 to {LONGEST}", name)
    return ABSENT if seconds is ABSENT else seconds
