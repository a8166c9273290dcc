"""The lambda:invoke integration, with or without a wait for the task token.

https://docs.aws.amazon.com/step-functions/latest/dg/connect-lambda.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from codepipeline_sandbox.stepfunctions.integrations.integration import Integration
from codepipeline_sandbox.stepfunctions.integrations.invocation import answer, invoke
from codepipeline_sandbox.stepfunctions.language.errors import StateFailed
from codepipeline_sandbox.stepfunctions.language.fields import ABSENT
from codepipeline_sandbox.stepfunctions.language.jsonata import Expression

if TYPE_CHECKING:
    from codepipeline_sandbox.kernel.protocols import Invocation
    from codepipeline_sandbox.kernel.world import Promise
    from codepipeline_sandbox.stepfunctions.language.fields import Fields
    from codepipeline_sandbox.stepfunctions.visits.visit import Visit

ARGUMENTS = frozenset({"FunctionName", "Payload"})
NAME = re.compile(r"[\w-]{1,64}(:[\w$-]+)?")


@dataclass(frozen=True)
class LambdaInvoke(Integration):
    """An invocation of a function through the Lambda API."""

    resource_type = "lambda"

    def arguments(self, fields: Fields) -> Any:
        """FunctionName and Payload, or an expression that returns them."""
        template = fields.template("Arguments")
        if isinstance(template, Expression):
            return template
        if not isinstance(template, dict) or "FunctionName" not in template:
            raise fields.problem("Expected an object with FunctionName", "Arguments")
        if unsupported := sorted(set(template) - ARGUMENTS):
            problem = f"The sandbox does not support the argument '{unsupported[0]}'"
            raise fields.problem(problem, f"Arguments/{unsupported[0]}")
        return template

    def begin(self, visit: Visit, given: Any) -> Promise[Invocation]:
        """Start the invocation."""
        return invoke(visit, _function_arn(given, visit), given.get("Payload", {}))

    def response(self, visit: Visit, done: Promise[Invocation]) -> dict[str, Any]:
        """Return the function's result with the metadata that Lambda adds."""
        return {
            "ExecutedVersion": "$LATEST",
            "Payload": answer(visit, done),
            "SdkHttpMetadata": {"HttpStatusCode": 200},
            "SdkResponseMetadata": {"RequestId": visit.world.uuid()},
            "StatusCode": 200,
        }


def _function_arn(given: Any, visit: Visit) -> str:
    name = given.get("FunctionName", ABSENT) if isinstance(given, dict) else ABSENT
    if not isinstance(name, str) or set(given) - ARGUMENTS:
        raise StateFailed(
            "States.Runtime", f"The sandbox only supports {sorted(ARGUMENTS)}, not {given!r}"
        )
    if not NAME.fullmatch(name):
        return name
    _, partition, _, region, account, *_ = visit.run.execution.arn.split(":")
    return f"arn:{partition}:lambda:{region}:{account}:function:{name}"
