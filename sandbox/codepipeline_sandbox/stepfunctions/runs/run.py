"""Runs an execution from state to state, until it ends."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from codepipeline_sandbox.stepfunctions.language.assign import assigned
from codepipeline_sandbox.stepfunctions.language.documents import limited_json
from codepipeline_sandbox.stepfunctions.language.errors import StateFailed
from codepipeline_sandbox.stepfunctions.language.jsonata_functions import functions
from codepipeline_sandbox.stepfunctions.visits.history import data
from codepipeline_sandbox.stepfunctions.visits.visit import Visit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from codepipeline_sandbox.kernel.here import Cloud
    from codepipeline_sandbox.stepfunctions.clients import RoleClients
    from codepipeline_sandbox.stepfunctions.runs.execution import Execution
    from codepipeline_sandbox.stepfunctions.states.state import State
    from codepipeline_sandbox.stepfunctions.tokens import TaskTokens
    from codepipeline_sandbox.stepfunctions.visits.visit import Left


@dataclass
class Position:
    """A run's position: the state to visit, its input, and the history event that precedes it."""

    state: str | None  # None after the last state
    document: str
    after: int
    visit: Visit | None = None  # set when the state is entered


class Run:
    """Runs an execution in the world. Called when the execution starts and after each redrive."""

    def __init__(
        self, execution: Execution, cloud: Cloud, tokens: TaskTokens, clients: RoleClients
    ) -> None:
        self.execution = execution
        self.cloud = cloud
        self.world = cloud.world
        self.tokens = tokens
        self.clients = clients
        self.variables: Mapping[str, Any] = {}
        self.functions = functions(cloud.world)
        self._at = Position(execution.machine.start_at, execution.input, after=0)

    def __str__(self) -> str:
        state = "its end" if self._at.state is None else f"state {self._at.state}"
        return f"{self.execution.arn} at {state}"

    def __call__(self) -> None:
        """Run until the execution ends, and record how it ended."""
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
        while (name := self._at.state) is not None:
            self._at = self._visit(name, self._at)
            self.world.sleep(0)  # Other tasks that are due now can run first.
        return self._at.document

    def _visit(self, name: str, at: Position) -> Position:
        state = self.execution.machine.states[name]
        visit = at.visit = self._enter(name, state, at)
        left = state.run(visit)
        output = limited_json(left.output, name)
        details = {"name": name, **data("output", output), **self._assign(left, name)}
        exited = self.execution.history.record(f"{state.type}StateExited", details)
        return Position(left.next, output, after=exited)

    def _enter(self, name: str, state: State, at: Position) -> Visit:
        """Create the visit to the state.

        A redrive repeats the failed visit, except in a Fail state. As on AWS, the events of the
        repeated visit follow the state's original StateEntered event.
        """
        history = self.execution.history
        history.predecessor = at.after
        if at.visit is not None and state.type != "Fail":
            history.predecessor = at.visit.entered_event
            return at.visit.again()
        details = {"name": name, **data("input", at.document)}
        entered = history.record(f"{state.type}StateEntered", details)
        return Visit(self, name, json.loads(at.document), entered, after=at.after)

    def _assign(self, left: Left, name: str) -> dict[str, Any]:
        self.variables, shown = assigned(self.variables, left.assign, name)
        if not shown:
            return {}
        return {"assignedVariables": shown, "assignedVariablesDetails": {"truncated": False}}
