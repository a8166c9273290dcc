"""The Invoke API: payload limits, invocation types and response headers."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from moto.awslambda.exceptions import LambdaClientError

from codepipeline_sandbox.awslambda.errors import CannotInvoke
from codepipeline_sandbox.awslambda.functions import Functions
from codepipeline_sandbox.awslambda.payloads import (
    ASYNCHRONOUS_LIMIT,
    SYNCHRONOUS_LIMIT,
    check_size,
)
from codepipeline_sandbox.kernel import here

if TYPE_CHECKING:
    from codepipeline_sandbox.awslambda.function import Function


class Refused(LambdaClientError):  # type: ignore[misc]
    """The API's error for a function that Lambda cannot run, for example because of throttling."""

    def __init__(self, error: CannotInvoke) -> None:
        super().__init__(error.code, str(error))
        self.code = error.status


def invoke(
    function: Function, body: bytes | str, headers: Any, response_headers: dict[str, str]
) -> bytes:
    """Handle an Invoke request. Returns the response's payload and fills `response_headers`."""
    invocation_type = headers.get("X-Amz-Invocation-Type") or "RequestResponse"
    payload = _payload(body, invocation_type)
    response_headers["X-Amz-Executed-Version"] = str(function.version)
    if invocation_type == "DryRun":
        return b""
    functions = here.current().functions
    assert isinstance(functions, Functions)
    if invocation_type == "Event":
        functions.invoke_async(function.function_arn, payload)
        return b""
    try:
        done = here.current().world.result_of(functions.run(function, payload))
    except CannotInvoke as error:
        raise Refused(error) from error
    if done.invocation.error is not None:
        response_headers["x-amz-function-error"] = done.invocation.error
    log = done.log.encode()[-4096:]
    response_headers["x-amz-log-result"] = base64.b64encode(log).decode()
    return done.invocation.payload.encode()


def last_modified() -> float:
    """The current time in epoch seconds, the format of LastModified in event invoke configs."""
    return here.current().world.now


def _payload(body: bytes | str, invocation_type: str) -> str:
    data = body.encode() if isinstance(body, str) else body
    check_size(data, ASYNCHRONOUS_LIMIT if invocation_type == "Event" else SYNCHRONOUS_LIMIT)
    text = data.decode() or "{}"
    try:
        json.loads(text)
    except ValueError as error:
        raise LambdaClientError(
            "InvalidRequestContentException", f"Could not parse request body into json: {error}"
        ) from error
    return text
