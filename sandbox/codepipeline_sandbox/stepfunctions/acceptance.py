"""Checks definitions, settings and input before the API accepts them."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from moto.stepfunctions.exceptions import InvalidExecutionInput

from codepipeline_sandbox.stepfunctions import encryption
from codepipeline_sandbox.stepfunctions.exceptions import (
    ExecutionLimitExceeded,
    InvalidDefinition,
    Unsupported,
)
from codepipeline_sandbox.stepfunctions.language.fields import DefinitionProblem
from codepipeline_sandbox.stepfunctions.machine import Machine, parse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from codepipeline_sandbox.stepfunctions.runs.execution import Execution

OPEN_EXECUTIONS = 1_000_000  # the maximum per account and Region


@lru_cache(maxsize=256)
def machine_of(definition: str) -> Machine:
    """Parse a definition into a machine. Raises InvalidDefinition."""
    try:
        return parse(definition)
    except DefinitionProblem as problem:
        raise InvalidDefinition(str(problem)) from problem


def refuse_unsupported(settings: dict[str, Any]) -> None:
    """Raise Unsupported for a state machine setting that the sandbox does not support."""
    if (kind := settings.get("sm_type") or "STANDARD") != "STANDARD":
        raise Unsupported(f"state machines of type '{kind}'")
    if settings.get("publish"):
        raise Unsupported("versions of state machines")
    encryption.check(settings.get("encryptionConfiguration"))
    encryption.check(settings.get("encryption_configuration"))


def check_room(executions: Mapping[str, Execution]) -> None:
    """Raise ExecutionLimitExceeded if the account has reached its limit."""
    if len(executions) < OPEN_EXECUTIONS:
        return
    running = [one for one in executions.values() if one.status == "RUNNING"]
    if len(running) >= OPEN_EXECUTIONS:
        raise ExecutionLimitExceeded(OPEN_EXECUTIONS)


def check_input(text: str) -> None:
    """Raise InvalidExecutionInput for input that is not JSON."""
    try:
        json.loads(text)
    except ValueError as error:
        problem = f"Invalid State Machine Execution Input: '{error}'"
        raise InvalidExecutionInput(problem) from error
