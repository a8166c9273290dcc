"""A Task whose Resource is a function's ARN.

The function receives Arguments (default: the input), and its result is the task's result.
https://docs.aws.amazon.com/step-functions/latest/dg/connect-lambda.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from codepipeline_sandbox.stepfunctions.integrations.integration import wait_for
from codepipeline_sandbox.stepfunctions.integrations.invocation import answer, invoke
from codepipeline_sandbox.stepfunctions.integrations.limits import Limits, limits
from codepipeline_sandbox.stepfunctions.language.documents import PARAMETERS, limited_json
from codepipeline_sandbox.stepfunctions.language.errors import StateFailed
from codepipeline_sandbox.stepfunctions.language.fields import ABSENT
from codepipeline_sandbox.stepfunctions.visits.history import data, failure

if TYPE_CHECKING:
    from codepipeline_sandbox.stepfunctions.integrations.task import TaskFields
    from codepipeline_sandbox.stepfunctions.language.fields import Fields
    from codepipeline_sandbox.stepfunctions.visits.visit import Visit


@dataclass(frozen=True)
class LambdaFunction:
    """The function's ARN."""

    arn: str
    wait_for_token = False

    def arguments(self, fields: Fields) -> Any:
        """The function's payload, which can be any value. By default, it is the input."""
        return fields.template("Arguments")

    def attempt(self, task: TaskFields, visit: Visit) -> Any:
        """Invoke the function once."""
        given = visit.input if task.arguments is ABSENT else visit.evaluate(task.arguments)
        allowed = limits(task, visit)
        sent = data("input", limited_json(given, self.arn, PARAMETERS))
        # Unlike TaskScheduled, this event has no member for HeartbeatSeconds.
        told = Limits(allowed.timeout, None).told
        visit.record("LambdaFunctionScheduled", {"resource": self.arn, **sent, **told})
        visit.record("LambdaFunctionStarted")
        try:
            invocation = invoke(visit, self.arn, given)
            wait_for(visit, invocation, allowed)
            result = answer(visit, invocation)
            output = limited_json(result, self.arn)
        except StateFailed as error:
            kind = "TimedOut" if error.error == "States.Timeout" else "Failed"
            visit.record(f"LambdaFunction{kind}", failure(error.error, error.cause))
            raise
        visit.record("LambdaFunctionSucceeded", data("output", output))
        return result
