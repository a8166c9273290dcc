"""Runs a definition on moto's interpreter, to compare the result with ours.

moto's interpreter runs in real time and on threads. Waits are therefore removed, and a wait for a
token ends immediately with an outcome that the caller provides. Two missing features are patched
in: evaluating JSONata, and escaping quotation marks in variables.

Only outcomes and entered states can be compared, not times, tokens or histories. DynamoDB calls
cannot be compared if their response is lost (DynamoDb.SdkClientException here) or if Step Functions
spells an attribute differently from DynamoDB (Bool).
"""

from __future__ import annotations

import io
import json
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import lru_cache
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from jsonata.jsonata import Jsonata
from moto.stepfunctions.parser.asl.eval.callback.callback import (
    CallbackOutcome,
    CallbackOutcomeSuccess,
    CallbackOutcomeTimedOut,
)
from moto.stepfunctions.parser.asl.eval.evaluation_details import (
    AWSExecutionDetails,
    EvaluationDetails,
    ExecutionDetails,
    StateMachineDetails,
)
from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser
from moto.stepfunctions.parser.backend.execution import SyncExecutionWorker

from codepipeline_sandbox.stepfunctions.canned import Handlers, invocation
from codepipeline_sandbox.stepfunctions.language.documents import to_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

PARSER = "moto.stepfunctions.parser.asl"
SERVICES = "component.state.exec.state_task.service"
CALLBACK = f"{SERVICES}.state_task_service_callback.StateTaskServiceCallback"
ENCODER = "encode_jsonata_variable_declarations"
ACCOUNT, REGION = "111122223333", "us-east-1"
ARN = f"arn:aws:states:{REGION}:{ACCOUNT}"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/SecondOpinion"
STATUSES = {"ProgramEnded": "SUCCEEDED", "ProgramError": "FAILED", "ProgramTimedOut": "TIMED_OUT"}

# Cached because parsing takes longer than running. The interpreter does not modify the parsed
# definition.
_parse = lru_cache(maxsize=16)(AmazonStateLanguageParser.parse)


@dataclass(frozen=True)
class Opinion:
    """How an execution ended: with an output, or with an error and cause."""

    status: str
    entered: tuple[str, ...]
    output: Any = None
    error: str | None = None
    cause: str | None = None


def second_opinion(
    definition: str,
    given: Any,
    handlers: Handlers,
    *,
    dynamodb: Any = None,
    told: Iterable[Any] = (),
) -> Opinion:
    """Run a definition (JSON) on moto's interpreter, with the handlers as its functions.

    `dynamodb` is the running cloud's client for the definition's own calls. `told` lists, in
    order, the outputs to return to the tasks that wait for a callback (`.waitForTaskToken`). A task
    whose output is None or missing times out.
    """
    if dynamodb is None and "aws-sdk:dynamodb" in definition:
        raise ValueError("the definition calls DynamoDB, but no client was given")
    worker = SyncExecutionWorker(
        evaluation_details=EvaluationDetails(
            aws_execution_details=AWSExecutionDetails(
                account=ACCOUNT, region=REGION, role_arn=ROLE
            ),
            execution_details=ExecutionDetails(
                arn=f"{ARN}:execution:Machine:one",
                name="one",
                role_arn=ROLE,
                inpt=given,
                start_time="2026-01-05T09:00:00.000Z",
            ),
            state_machine_details=StateMachineDetails(
                arn=f"{ARN}:stateMachine:Machine",
                name="Machine",
                typ="STANDARD",
                definition=definition,
            ),
        ),
        exec_comm=SimpleNamespace(terminated=lambda: None),
        cloud_watch_logging_session=None,
        activity_store={},
    )
    with _completed(handlers, dynamodb, iter(told)):
        worker.start()
    return _opinion(worker.env)


def _opinion(env: Any) -> Opinion:
    state = env.program_state()
    entered = tuple(
        event["stateEnteredEventDetails"]["name"]
        for event in env.event_manager.get_event_history()
        if "stateEnteredEventDetails" in event
    )
    status = STATUSES[type(state).__name__]
    if status == "SUCCEEDED":
        return Opinion(status, entered, output=env.states.get_input())
    error = getattr(state, "error", None) or {}
    return Opinion(status, entered, error=error.get("error"), cause=error.get("cause"))


@contextmanager
def _completed(handlers: Handlers, dynamodb: Any, told: Iterator[Any]) -> Iterator[None]:
    replacements = {
        "parse.asl_parser.AmazonStateLanguageParser.parse": _parse,
        "jsonata.jsonata._eval_jsonata": lambda text: Jsonata(text).evaluate(None),
        f"eval.states.{ENCODER}": _declarations,
        f"eval.variable_store.{ENCODER}": _declarations,
        "component.state.wait.wait_function.wait_function.WaitFunction._wait_interval": (
            lambda *_, **__: None
        ),
        "component.common.retry.retrier_decl.time": SimpleNamespace(sleep=lambda _: None),
        "component.state.exec.state_task.lambda_eval_utils.boto_client_for": (
            lambda **_: _Lambda(handlers)
        ),
        f"{SERVICES}.state_task_service_aws_sdk.boto_client_for": lambda **_: dynamodb,
        f"{CALLBACK}._eval_wait_for_task_token": (
            lambda *_, callback_endpoint, **__: _outcome(callback_endpoint, next(told, None))
        ),
    }
    with ExitStack() as stack:
        for name, replacement in replacements.items():
            stack.enter_context(patch(f"{PARSER}.{name}", replacement))
        yield


def _outcome(endpoint: Any, output: Any) -> CallbackOutcome:
    if output is None:
        return CallbackOutcomeTimedOut(callback_id=endpoint.callback_id)
    return CallbackOutcomeSuccess(callback_id=endpoint.callback_id, output=to_json(output))


def _declarations(bindings: dict[str, Any]) -> str:
    return "".join(f"{name}:={to_json(value)};" for name, value in bindings.items())


class _Lambda:
    """The part of a Lambda client that the interpreter uses."""

    def __init__(self, handlers: Handlers) -> None:
        self._handlers = handlers

    def invoke(self, *, FunctionName: str, Payload: bytes = b"{}") -> dict[str, Any]:  # noqa: N803 - the API's names
        done = invocation(self._handlers, FunctionName, Payload.decode())
        # Serializing the payload again makes it as compact as moto's own.
        payload = io.BytesIO(to_json(json.loads(done.payload)).encode())
        answer = {"StatusCode": 200, "ExecutedVersion": "$LATEST", "Payload": payload}
        return answer if done.error is None else {**answer, "FunctionError": done.error}
