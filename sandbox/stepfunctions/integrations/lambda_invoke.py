"""lambda:invoke, with or without a wait for the task token.

https://docs.aws.amazon.com/step-functions/latest/dg/connect-lambda.html
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.stepfunctions.integrations.invocation import answer, invoke, wait_for
from sandbox.stepfunctions.integrations.limits import Limits, limits
from sandbox.stepfunctions.integrations.task_events import TaskEvents
from sandbox.stepfunctions.language.documents import limited_json, to_json
from sandbox.stepfunctions.language.errors import StateFailed
from sandbox.stepfunctions.language.fields import ABSENT
from sandbox.stepfunctions.language.jsonata import Expression
from sandbox.stepfunctions.visits.waiting import first_of

if TYPE_CHECKING:
    from sandbox.services import Invocation
    from sandbox.stepfunctions.integrations.task import TaskFields
    from sandbox.stepfunctions.language.fields import Fields
    from sandbox.stepfunctions.visits.callback import Callback
    from sandbox.stepfunctions.visits.visit import Visit
    from sandbox.world import Promise

ARGUMENTS = frozenset({"FunctionName", "Payload"})
NAME = re.compile(r"[\w-]{1,64}(:[\w$-]+)?")


@dataclass(frozen=True)
class LambdaInvoke:
    """The Resource's ARN, and whether the result comes by SendTaskSuccess."""

    arn: str
    wait_for_token: bool

    def arguments(self, fields: Fields) -> Any:
        """FunctionName and Payload, or an expression that gives them."""
        template = fields.template("Arguments")
        if isinstance(template, Expression):
            return template
        if not isinstance(template, dict) or "FunctionName" not in template:
            raise fields.problem("Expected an object with FunctionName", "Arguments")
        if unsupported := sorted(set(template) - ARGUMENTS):
            problem = f"The sandbox does not support the argument '{unsupported[0]}'"
            raise fields.problem(problem, f"Arguments/{unsupported[0]}")
        return template

    def attempt(self, task: TaskFields, visit: Visit) -> Any:
        """Invoke the function once; every attempt has a token of its own."""
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
        name = "invoke.waitForTaskToken" if callback else "invoke"
        events = TaskEvents(visit, "lambda", name)
        events.scheduled(limited_json(given, self.arn), allowed)
        try:
            invocation = invoke(visit, _function_arn(given, visit), given.get("Payload", {}))
            if callback is None:
                wait_for(visit, invocation, allowed)
                result = _response(visit, invocation)
            else:
                result = _wait_for_answer(visit, invocation, callback, allowed, events)
            output = limited_json(result, self.arn)
        except StateFailed as error:
            events.failed(error)
            raise
        events.succeeded(output)
        return result


def _wait_for_answer(
    visit: Visit,
    invocation: Promise[Invocation],
    callback: Callback,
    allowed: Limits,
    events: TaskEvents,
) -> Any:
    """Wait for SendTaskSuccess or SendTaskFailure, which may come before the function returns."""
    started = callback.last_heartbeat = visit.world.now
    pending: list[Promise[Any]] = [callback.answer, invocation]
    while True:
        alarm = allowed.next_alarm(started, callback.last_heartbeat)
        first_of(visit.world, pending, until=alarm)
        if callback.answer.done:
            return json.loads(callback.answer.result())
        if invocation.done and invocation in pending:
            events.submitted(to_json(_response(visit, invocation)))
            pending.remove(invocation)
        allowed.check(visit.world.now, started, callback.last_heartbeat)


def _response(visit: Visit, invocation: Promise[Invocation]) -> dict[str, Any]:
    return {
        "ExecutedVersion": "$LATEST",
        "Payload": answer(visit, invocation),
        "SdkHttpMetadata": {"HttpStatusCode": 200},
        "SdkResponseMetadata": {"RequestId": visit.world.uuid()},
        "StatusCode": 200,
    }


def _function_arn(given: Any, visit: Visit) -> str:
    name = given.get("FunctionName", ABSENT) if isinstance(given, dict) else ABSENT
    if not isinstance(name, str) or set(given) - ARGUMENTS:
        raise StateFailed(
            "States.Runtime", f"The sandbox supports the arguments {sorted(ARGUMENTS)}: {given!r}"
        )
    if not NAME.fullmatch(name):
        return name
    _, partition, _, region, account, *_ = visit.run.execution.arn.split(":")
    return f"arn:{partition}:lambda:{region}:{account}:function:{name}"
