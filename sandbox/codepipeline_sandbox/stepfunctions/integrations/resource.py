"""Reads a Task's Resource."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Protocol

from codepipeline_sandbox.stepfunctions.integrations.aws_sdk import sdk_call
from codepipeline_sandbox.stepfunctions.integrations.lambda_function import LambdaFunction
from codepipeline_sandbox.stepfunctions.integrations.lambda_invoke import LambdaInvoke

if TYPE_CHECKING:
    from codepipeline_sandbox.stepfunctions.integrations.task import TaskFields
    from codepipeline_sandbox.stepfunctions.language.fields import Fields
    from codepipeline_sandbox.stepfunctions.visits.visit import Visit

INVOKE = re.compile(r"arn:aws[a-z-]*:states:::lambda:invoke(?P<token>\.waitForTaskToken)?")
AWS_SDK = re.compile(
    r"arn:aws[a-z-]*:states:::aws-sdk:(?P<service>[a-z0-9]+):(?P<action>[a-z][a-zA-Z0-9]*)"
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
        return LambdaInvoke(text, invoke["token"] is not None, "invoke")
    if (found := AWS_SDK.fullmatch(text)) and (call := sdk_call(text, found, fields)):
        return call
    if FUNCTION.fullmatch(text):
        return LambdaFunction(text)
    raise fields.problem(f"The sandbox does not support the Resource '{text}'", "Resource")
