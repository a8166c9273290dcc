"""Invoke the deployment's own functions, which have the permissions that runs have."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pipeline_run.connection import Connection
from pipeline_run.errors import aws_refusals

DENIED = "TargetAccessDenied"
# No execution has this ID, so calls that use it cannot have an effect.
NO_EXECUTION = "00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True)
class FunctionAnswer:
    """A function's response: a document, or an error with its message."""

    document: Mapping[str, Any]
    error: str = ""
    message: str = ""


@dataclass(frozen=True)
class Prober:
    """Invokes the functions of the states with payloads that have no effect."""

    connection: Connection
    functions: Mapping[str, str]  # keyed by state name
    run: str  # the ARN of a nonexistent run

    def ask(self, state: str, payload: Mapping[str, Any]) -> FunctionAnswer:
        """Invoke the state's function. Raises CommandError if it cannot be invoked."""
        name = self.functions[state]
        with aws_refusals(f"invoke {name.rpartition(':')[2]} (lambda:InvokeFunction)"):
            answer = self.connection.aws_lambda.invoke(
                FunctionName=name, Payload=json.dumps({"run": self.run, **payload})
            )
            document = json.loads(answer["Payload"].read())
        if "FunctionError" in answer:
            return FunctionAnswer(
                {}, document.get("errorType", "?"), document.get("errorMessage", "")
            )
        return FunctionAnswer(document)

    def about(self, state: str, reached: Mapping[str, Any], **more: Any) -> FunctionAnswer:
        """Invoke the function of a state that works on the target that AssumeRole returned."""
        payload = {
            "job": None,
            "target": reached["target"],
            "request": reached["request"],
            "execution": {"pipelineExecutionId": NO_EXECUTION, "startTime": None},
            "memory": None,
            "attempt": 0,
            **more,
        }
        return self.ask(state, payload)
