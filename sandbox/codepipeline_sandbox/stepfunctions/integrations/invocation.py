"""Invokes a Lambda function using the state machine's role."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from codepipeline_sandbox.awslambda.errors import CannotInvoke
from codepipeline_sandbox.kernel.protocols import AccessDenied, Invocation
from codepipeline_sandbox.stepfunctions.language.documents import to_json
from codepipeline_sandbox.stepfunctions.language.errors import StateFailed

if TYPE_CHECKING:
    from codepipeline_sandbox.kernel.world import Promise
    from codepipeline_sandbox.stepfunctions.visits.visit import Visit

FORBIDDEN = 403


def invoke(visit: Visit, function_arn: str, payload: Any) -> Promise[Invocation]:
    """Start the invocation.

    If Lambda's API refuses it, the error becomes a StateFailed whose name begins with `Lambda.`.
    """
    cloud, role = visit.run.cloud, visit.run.execution.role_arn
    try:
        cloud.access.require_service_role(role, "states.amazonaws.com")
        cloud.access.require(role, "lambda:InvokeFunction", function_arn)
        return cloud.functions.invoke(function_arn, to_json(payload))
    except AccessDenied as error:
        raise _refused("AccessDeniedException", str(error), FORBIDDEN, visit) from error


def answer(visit: Visit, invocation: Promise[Invocation]) -> Any:
    """Return the function's result.

    A function error becomes a StateFailed with the error's own name.
    """
    try:
        result = invocation.result()
    except CannotInvoke as error:
        raise _refused(error.code, str(error), error.status, visit) from error
    if result.error is not None:
        raise _function_error(result.payload)
    return _value(result.payload)


def _value(payload: str) -> Any:
    try:
        return json.loads(payload)
    except ValueError:
        return payload


def _function_error(payload: str) -> StateFailed:
    value = _value(payload)
    error = value.get("errorType") if isinstance(value, dict) else None
    if not isinstance(error, str):
        cause = (
            "The cause could not be determined because Lambda did not return an error type. "
            f"Returned payload: {payload}"
        )
        return StateFailed("Lambda.Unknown", cause)
    return StateFailed(error, payload)


def _refused(code: str, message: str, status: int, visit: Visit) -> StateFailed:
    # Errors that are not in the model of Invoke get the SDK's general error name.
    name = "AWSLambdaException" if code == "AccessDeniedException" else code
    cause = (
        f"{message} (Service: AWSLambda; Status Code: {status}; Error Code: {code}; "
        f"Request ID: {visit.world.uuid()}; Proxy: null)"
    )
    return StateFailed(f"Lambda.{name}", cause)
