"""Parses and checks definitions. Errors name the parts that the sandbox cannot run."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from codepipeline_sandbox.stepfunctions.language.fields import (
    ABSENT,
    TRANSITION,
    DefinitionProblem,
    Fields,
)
from codepipeline_sandbox.stepfunctions.states.choice import Choice
from codepipeline_sandbox.stepfunctions.states.end import Fail, Succeed
from codepipeline_sandbox.stepfunctions.states.pass_state import Pass
from codepipeline_sandbox.stepfunctions.states.state import MAXIMUM_NAME, State
from codepipeline_sandbox.stepfunctions.states.task import LONGEST, Task
from codepipeline_sandbox.stepfunctions.states.wait import Wait

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
        problem = f"The definition is not JSON: {error}"
        raise DefinitionProblem(problem, None, "INVALID_JSON_DESCRIPTION") from error
    fields = Fields(document, "")
    _check_language(fields)
    fields.take("Version")
    machine = Machine(
        start_at=fields.text("StartAt", required=True) or "",
        states=_states(fields.take("States", required=True)),
        timeout_seconds=_timeout(fields),
    )
    fields.done()
    _check_transitions(machine)
    return machine


def _check_language(fields: Fields) -> None:
    language = fields.take("QueryLanguage")
    if language is ABSENT or language == "JSONPath":
        given = "JSONPath (the default)" if language is ABSENT else language
        problem = f"The sandbox only supports JSONata, but the QueryLanguage is {given}"
        raise fields.problem(problem, "QueryLanguage")
    _refuse_unknown(language, fields)


def _check_language_of_state(fields: Fields) -> None:
    language = fields.take("QueryLanguage")
    if language == "JSONPath":
        raise fields.problem(
            "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine"
        )
    if language is not ABSENT:
        _refuse_unknown(language, fields)


def _refuse_unknown(language: Any, fields: Fields) -> None:
    if not isinstance(language, str):
        raise fields.problem("Expected value of type [STRING]", "QueryLanguage")
    if language != "JSONata":
        problem = "Value should be one of the following: [JSONPath, JSONata]"
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
        raise fields.problem(f"A state's name can have at most {MAXIMUM_NAME} characters")
    kind = fields.text("Type", required=True) or ""
    if kind not in READERS:
        problem = f"The sandbox does not support the type '{kind}' of state '{name}'"
        raise fields.problem(problem, "Type")
    _check_language_of_state(fields)
    state = READERS[kind](fields)
    fields.done()
    return state


def _check_transitions(machine: Machine) -> None:
    """Check the transitions in the same order as AWS."""
    _check_target(machine, machine.start_at, "/StartAt")
    for name, state in machine.states.items():
        for place, target in state.targets.items():
            _check_target(machine, target, f"/States/{name}/{place}")
    if not any(_is_terminal(state) for state in machine.states.values()):
        raise DefinitionProblem("Workflow has no terminal state", None, "MISSING_END_STATE")
    reached = _reached(machine)
    for name in machine.states:
        if name in reached:
            continue
        raise DefinitionProblem(f'State "{name}" is not reachable.', f"/States/{name}", TRANSITION)


def _check_target(machine: Machine, target: str, path: str) -> None:
    if target not in machine.states:
        raise DefinitionProblem(f"Missing 'Next' target: {target}", path, TRANSITION)


def _is_terminal(state: State) -> bool:
    return state.type != "Choice" and "Next" not in state.targets


def _reached(machine: Machine) -> set[str]:
    reached: set[str] = set()
    to_follow = [machine.start_at]
    while to_follow:
        name = to_follow.pop()
        if name not in reached:
            reached.add(name)
            to_follow.extend(machine.states[name].targets.values())
    return reached
