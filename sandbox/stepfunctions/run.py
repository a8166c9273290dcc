"""The run of an execution: from state to state until the end."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sandbox.stepfunctions.assign import assigned
from sandbox.stepfunctions.documents import limited_json
from sandbox.stepfunctions.errors import StateFailed
from sandbox.stepfunctions.history import data
from sandbox.stepfunctions.jsonata_functions import functions
from sandbox.stepfunctions.visit import Visit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.cloud import Cloud
    from sandbox.stepfunctions.execution import Execution
    from sandbox.stepfunctions.states.state import Left
    from sandbox.stepfunctions.tokens import TaskTokens


class Run:
    """What a world's task does for an execution; call it there."""

    def __init__(self, execution: Execution, cloud: Cloud, tokens: TaskTokens) -> None:
        self.execution = execution
        self.cloud = cloud
        self.world = cloud.world
        self.tokens = tokens
        self.variables: Mapping[str, Any] = {}
        self.functions = functions(cloud.world)

    def __call__(self) -> None:
        """Run to the end, and tell the execution how it ended."""
        try:
            output = self._from_state_to_state()
        except StateFailed as failure:
            self.execution.close("FAILED", error=failure.error, cause=failure.cause)
        except Exception as error:
            self.execution.close("FAILED", error="SandboxBroken", cause=repr(error))
            self.world.broke(error)
            raise
        else:
            self.execution.close("SUCCEEDED", output=output)

    def _from_state_to_state(self) -> str:
        name: str | None = self.execution.machine.start_at
        document = self.execution.input
        while name is not None:
            name, document = self._visit(name, document)
            self.world.sleep(0)  # others who are due now may go first
        return document

    def _visit(self, name: str, document: str) -> tuple[str | None, str]:
        state = self.execution.machine.states[name]
        history = self.execution.history
        details = {"name": name, **data("input", document)}
        entered = history.record(f"{state.type}StateEntered", details)
        left = state.run(Visit(self, name, json.loads(document), entered))
        output = limited_json(left.output, name)
        details = {"name": name, **data("output", output), **self._assign(left, name)}
        history.record(f"{state.type}StateExited", details)
        return left.next, output

    def _assign(self, left: Left, name: str) -> dict[str, Any]:
        self.variables, told = assigned(self.variables, left.assign, name)
        if not told:
            return {}
        return {"assignedVariables": told, "assignedVariablesDetails": {"truncated": False}}
