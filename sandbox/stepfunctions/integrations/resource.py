"""Reads a Task's Resource."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Protocol

from sandbox.stepfunctions.integrations.dynamodb import DynamoDBCall
from sandbox.stepfunctions.integrations.lambda_function import LambdaFunction
from sandbox.stepfunctions.integrations.lambda_invoke import LambdaInvoke

if TYPE_CHECKING:
    from sandbox.stepfunctions.integrations.task import TaskFields
    from sandbox.stepfunctions.language.fields import Fields
    from sandbox.stepfunctions.visits.visit import Visit

INVOKE = re.compile(r"arn:aws[a-z-]*:states:::lambda:invoke(?P<token>\.waitForTaskToken)?")
DYNAMODB = re.compile(
    r"arn:aws[a-z-]*:states:::aws-sdk:dynamodb:(?P<action>getItem|putItem|updateItem)"
    r"(?P<token>\.waitForTaskToken)?"
)
FUNCTION = re.compile(r"arn:aws[a-z-]*:lambda:[a-z0-9-]+:\d{12}:function:[\w-]+(:[\w$-]+)?")


class Resource(Protocol):
    """A kind of Resource."""

    @property
    def wait_for_token(self) -> bool:
        """Whether the task waits for a token, which makes heartbeats possible."""

    def arguments(self, fields: Fields) -> Any:
        """The checked template of Arguments."""

    def attempt(self, task: TaskFields, visit: Visit) -> Any:
        """Make one attempt and return its result. Raises StateFailed."""


def resource(fields: Fields) -> Resource:
    """Read the Resource field."""
    text = fields.text("Resource", required=True) or ""
    if invoke := INVOKE.fullmatch(text):
        return LambdaInvoke(text, wait_for_token=invoke["token"] is not None)
    if call := DYNAMODB.fullmatch(text):
        return DynamoDBCall(text, call["token"] is not None, call["action"])
    if FUNCTION.fullmatch(text):
        return LambdaFunction(text)
    raise fields.problem(f"The sandbox does not support the Resource '{text}'", "Resource")
