"""A parsed and checked definition. Errors name whatever the sandbox cannot run."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.stepfunctions.language.fields import ABSENT, DefinitionProblem, Fields
from sandbox.stepfunctions.states.choice import Choice
from sandbox.stepfunctions.states.end import Fail, Succeed
from sandbox.stepfunctions.states.pass_state import Pass
from sandbox.stepfunctions.states.state import MAXIMUM_NAME, State
from sandbox.stepfunctions.states.task import LONGEST, Task
from sandbox.stepfunctions.states.wait import Wait

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

READERS: Mapping[str, Callable[[Fields], State]] = {
    "Task": Task.read,
    "Choice": Choice.read,
    "Wait": Wait.read,
    "Pass": Pass.read,
    "Succeed": Succeed.read,
    "Fail": Fail.read,
}


@dataclass(frozen=True)
class Machine:
    """A definition that the sandbox can run."""

    start_at: str
    states: Mapping[str, State]
    timeout_seconds: int | None = None


def parse(definition: str) -> Machine:
    """Parse a definition (JSON) into a machine.

    Raises DefinitionProblem, which describes what is wrong or not supported.
    """
    try:
        document = json.loads(definition)
    except ValueError as error:
        raise DefinitionProblem(f"The definition is not JSON: {error}", "/") from error
    fields = Fields(document, "")
    _jsonata_only(fields, required=True)
    fields.take("Version")
    machine = Machine(
        start_at=fields.text("StartAt", required=True) or "",
        states=_states(fields.take("States", required=True)),
        timeout_seconds=_timeout(fields),
    )
    fields.done()
    _check_transitions(machine)
    return machine


def _jsonata_only(fields: Fields, *, required: bool, state: str = "") -> None:
    language = fields.take("QueryLanguage")
    if language == "JSONata" or (language is ABSENT and not required):
        return
    given = "JSONPath (the default)" if language is ABSENT else repr(language)
    where = f"state '{state}'" if state else "the state machine"
    problem = f"The sandbox only supports JSONata, but the QueryLanguage of {where} is {given}"
    raise fields.problem(problem, "QueryLanguage")


def _timeout(fields: Fields) -> int | None:
    seconds = fields.take("TimeoutSeconds")
    if seconds is ABSENT:
        return None
    if type(seconds) is not int or not 1 <= seconds <= LONGEST:
        raise fields.problem(f"Expected a number from 1 to {LONGEST}", "TimeoutSeconds")
    return seconds


def _states(value: Any) -> Mapping[str, State]:
    if not isinstance(value, dict) or not value:
        raise DefinitionProblem("Expected an object with at least one state", "/States")
    return {name: _state(name, fields) for name, fields in value.items()}


def _state(name: str, value: Any) -> State:
    fields = Fields(value, f"/States/{name}", state=name)
    if len(name) > MAXIMUM_NAME:
        raise fields.problem(f"The name of a state has at most {MAXIMUM_NAME} characters")
    kind = fields.text("Type", required=True) or ""
    if kind not in READERS:
        problem = f"The sandbox does not support the type '{kind}' of state '{name}'"
        raise fields.problem(problem, "Type")
    _jsonata_only(fields, required=False, state=name)
    state = READERS[kind](fields)
    fields.done()
    return state


def _check_transitions(machine: Machine) -> None:
    if machine.start_at not in machine.states:
        raise DefinitionProblem(f"There is no state '{machine.start_at}'", "/StartAt")
    reached, to_follow = set(), [machine.start_at]
    while to_follow:
        name = to_follow.pop()
        if name in reached:
            continue
        reached.add(name)
        for target in machine.states[name].targets:
            if target not in machine.states:
                raise DefinitionProblem(f"There is no state '{target}'", f"/States/{name}")
            to_follow.append(target)
    for name in machine.states:
        if name not in reached:
            raise DefinitionProblem(f"State '{name}' is not reachable", f"/States/{name}")
