"""One attempt of a service integration, with or without a wait for the task token.

https://docs.aws.amazon.com/step-functions/latest/dg/connect-to-resource.html
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from codepipeline_sandbox.stepfunctions.integrations.limits import Limits, limits
from codepipeline_sandbox.stepfunctions.integrations.task_events import TaskEvents
from codepipeline_sandbox.stepfunctions.language.documents import PARAMETERS, limited_json, to_json
from codepipeline_sandbox.stepfunctions.language.errors import StateFailed
from codepipeline_sandbox.stepfunctions.visits.waiting import first_of

if TYPE_CHECKING:
    from codepipeline_sandbox.kernel.world import Promise
    from codepipeline_sandbox.stepfunctions.integrations.task import TaskFields
    from codepipeline_sandbox.stepfunctions.visits.callback import Callback
    from codepipeline_sandbox.stepfunctions.visits.visit import Visit


@dataclass(frozen=True)
class Integration:
    """An integration. `wait_for_token` means that the task waits for SendTaskSuccess."""

    arn: str
    wait_for_token: bool
    action: str  # the name in the history, without .waitForTaskToken

    @property
    def resource_type(self) -> str:
        """The service's name in the history."""
        raise NotImplementedError

    def begin(self, visit: Visit, given: Any) -> Promise[Any]:
        """Start the service call with the arguments. Raises StateFailed."""
        raise NotImplementedError

    def response(self, visit: Visit, done: Promise[Any]) -> Any:
        """Return the service's response. Raises StateFailed."""
        raise NotImplementedError

    def attempt(self, task: TaskFields, visit: Visit) -> Any:
        """Make one attempt and return its result. Every attempt has its own token."""
        if not self.wait_for_token:
            return self._attempt(task, visit, None)
        callback = visit.run.tokens.issue(visit.world, visit.run.execution.state_machine_arn)
        visit.token = callback.token
        try:
            return self._attempt(task, visit, callback)
        finally:
            visit.run.tokens.close(callback)

    def _attempt(self, task: TaskFields, visit: Visit, callback: Callback | None) -> Any:
        given = visit.evaluate(task.arguments)
        allowed = limits(task, visit)
        name = f"{self.action}.waitForTaskToken" if callback else self.action
        events = TaskEvents(visit, self.resource_type, name)
        events.scheduled(limited_json(given, self.resource_type, PARAMETERS), allowed)
        try:
            done = self.begin(visit, given)
            if callback is None:
                wait_for(visit, done, allowed)
                result = self.response(visit, done)
            else:
                result = self._wait_for_answer(visit, done, callback, allowed, events)
            output = limited_json(result, self.resource_type)
        except StateFailed as error:
            events.failed(error)
            raise
        events.succeeded(output)
        return result

    def _wait_for_answer(
        self,
        visit: Visit,
        done: Promise[Any],
        callback: Callback,
        allowed: Limits,
        events: TaskEvents,
    ) -> Any:
        """Wait for SendTaskSuccess or SendTaskFailure, which can arrive before the response."""
        started = callback.last_heartbeat = visit.world.now
        pending: list[Promise[Any]] = [callback.answer, done]
        while True:
            alarm = allowed.next_alarm(started, callback.last_heartbeat)
            first_of(visit.world, pending, until=alarm)
            if callback.answer.done:
                return json.loads(callback.answer.result())
            if done.done and done in pending:
                events.submitted(to_json(self.response(visit, done)))
                pending.remove(done)
            allowed.check(visit.world.now, started, callback.last_heartbeat)


def wait_for(visit: Visit, done: Promise[Any], limits: Limits) -> None:
    """Wait for the response. A timeout (States.Timeout) does not stop the service."""
    started = visit.world.now
    first_of(visit.world, [done], until=limits.next_alarm(started, started))
    if not done.done:
        limits.check(visit.world.now, started, started)
