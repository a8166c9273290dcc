"""Runs a single state of the state machine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from codepipeline_sandbox.stepfunctions.acceptance import machine_of
from codepipeline_sandbox.stepfunctions.language.errors import StateFailed
from codepipeline_sandbox.stepfunctions.language.retry import Retrier
from codepipeline_sandbox.stepfunctions.states.state import State
from codepipeline_sandbox.stepfunctions.states.task import Task
from codepipeline_sandbox.stepfunctions.visits.visit import Left, Visit
from tests.statemachine.interpreters import definition_text

NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)
EXECUTION = {
    "Id": "arn:aws:states:us-east-1:111122223333:execution:Machine:one",
    "Name": "one",
    "StartTime": "2026-01-05T08:50:00.000Z",
    "RedriveCount": 2,
    "Input": {"pipelineName": "deploy"},
}


def at(seconds: float) -> str:
    """Return the time this many seconds after NOW, in the format of Step Functions."""
    text = (NOW + timedelta(seconds=seconds)).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def known(*, deadline: float = 3_600, **more: Any) -> Mapping[str, Any]:
    request = {"startedAt": at(-600), "deadline": at(deadline), **more.pop("request", {})}
    request["renewBefore"] = at(deadline - 130)
    return {"request": request, "execution": None, "job": None, "abandoned": False, **more}


def visited(name: str, given: Any = None, *, later: float = 0, **variables: Any) -> Left:
    return _state(name).run(_visit(name, given, later, variables))


@dataclass
class Attempt:
    left: Left
    arguments: Any
    timeout: Any


def attempted(
    name: str,
    given: Any = None,
    *,
    answer: Any = None,
    error: str | None = None,
    later: float = 0,
    retries: int = 0,
    execution: Mapping[str, Any] | None = None,
    **variables: Any,
) -> Attempt:
    """Run the task state, whose last attempt returns the answer or raises the error."""
    failures = [StateFailed("Again")] * retries
    asked = _Asked(answer, [*failures, *([StateFailed(error, "why")] if error else [])])
    retrier = Retrier(("Again",), max_attempts=retries)
    task: Any = replace(_task(name), resource=asked, retry=(retrier,))
    left = task.run(_visit(name, given, later, variables, execution))
    return Attempt(left, asked.arguments, asked.timeout)


@dataclass
class _Asked:
    answer: Any
    failures: list[StateFailed]
    wait_for_token: bool = False
    arguments: Any = field(default=None)
    timeout: Any = field(default=None)

    def attempt(self, task: Any, visit: Visit) -> Any:
        visit.token = "token"
        self.arguments = visit.evaluate(task.arguments)
        self.timeout = visit.evaluate(task.timeout_seconds)
        if self.failures:
            raise self.failures.pop(0)
        return self.answer


def _task(name: str) -> Task:
    task = _state(name)
    assert isinstance(task, Task)
    return task


def _state(name: str) -> State:
    return machine_of(definition_text()).states[name]


def _visit(
    name: str,
    given: Any,
    later: float,
    variables: Mapping[str, Any],
    execution: Mapping[str, Any] | None = None,
) -> Visit:
    run: Any = SimpleNamespace(
        world=SimpleNamespace(
            datetime=lambda: NOW + timedelta(seconds=later), random=None, sleep=lambda _: None
        ),
        functions={},
        variables=variables,
        execution=SimpleNamespace(context={"Execution": {**EXECUTION, **(execution or {})}}),
    )
    return Visit(run, name, given, 1, after=0)
