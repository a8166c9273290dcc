"""The product's state machine on its own, on our interpreter and on moto's.

The functions give canned answers, so that only the machine itself decides.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from sandbox.cloud import Cloud
from sandbox.stepfunctions.canned import CannedFunctions
from sandbox.stepfunctions.models import stepfunctions_backends
from sandbox.stepfunctions.second_opinion import Opinion, second_opinion
from sandbox.world import World
from tests.statemachine.canned_answers import (
    JOB_ID,
    ended,
    going_on,
    reachable,
    reported,
    retried,
    started,
)

SOURCE = Path(__file__).parents[2] / "statemachine" / "pipeline_run.asl.yaml"
ROLE = "arn:aws:iam::111122223333:role/Machine"
ALLOW_ALL = SimpleNamespace(require=lambda *_: None, require_service_role=lambda *_: None)

Handler = Callable[[Any], Any]


@dataclass(frozen=True)
class Invocation:
    """A function that a run invoked, and how many seconds after the run's start."""

    function: str
    seconds: float


def opinions(**changed: list[Any]) -> tuple[Opinion, Opinion]:
    """What both make of a run whose functions answer as on a good day, except those changed.

    A function gives its answers in turn, the last one ever after; it raises those that are errors,
    and makes those that are callable from its payload.
    """
    here, there, _ = opinions_and_invocations(**changed)
    return here, there


def opinions_and_invocations(**changed: list[Any]) -> tuple[Opinion, Opinion, list[Invocation]]:
    """The opinions, and the functions that the run invoked on our interpreter, in order.

    There are no times on moto's interpreter: it skips the waits.
    """
    given = {"job": {"id": JOB_ID}, "input": {"pipelineName": "deploy"}}
    here, invocations = _ours(_definition(), given, _functions(changed))
    return here, second_opinion(_definition(), given, _functions(changed)), invocations


def _functions(changed: Mapping[str, list[Any]]) -> dict[str, Handler]:
    good = {
        "AssumeRole": [reachable()],
        "StartExecution": [started()],
        "GetState": [going_on(), ended("Succeeded")],
        "RetryStage": [retried()],
        "StopExecution": [{**ended("TimedOut")["report"], "stopped": True}],
        "ReportJobResult": [reported("Succeeded")],
    }
    assert changed.keys() <= good.keys()
    return {name: _answers(given) for name, given in {**good, **changed}.items()}


def _answers(given: list[Any]) -> Handler:
    left = list(given)

    def handler(payload: Any) -> Any:
        answer = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(answer, Exception):
            raise answer
        return answer(payload) if callable(answer) else answer

    return handler


@cache
def _definition() -> str:
    """The definition as JSON, with the functions' names as their ARNs."""
    text = json.dumps(yaml.safe_load(SOURCE.read_text())).replace("${Partition}", "aws")
    function = r"arn:aws:lambda:us-east-1:111122223333:function:\1"
    return re.sub(r"\$\{(\w+)FunctionArn\}", function, text)


def played(
    cloud: Cloud, given: Any, handlers: Mapping[str, Handler], *, definition: str | None = None
) -> tuple[Mapping[str, Any], list[Any]]:
    """How a run ends whose functions are the handlers, and its history."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cloud, "functions", CannedFunctions(cloud.world, handlers))
        patch.setattr(cloud, "access", ALLOW_ALL)
        backend = stepfunctions_backends["111122223333"]["us-east-1"]
        machine = backend.create_state_machine("Machine", definition or _definition(), ROLE)
        arn = cloud.state_machines.start(machine.arn, json.dumps(given), name="one")
        end = cloud.world.result_of(cloud.state_machines.ended(arn))
        return end, backend.describe_execution(arn).history.events


def _ours(
    definition: str, given: Any, handlers: Mapping[str, Handler]
) -> tuple[Opinion, list[Invocation]]:
    with Cloud(seed=3) as cloud:
        invocations: list[Invocation] = []
        recorded = {
            name: _recorded(name, handler, cloud.world, invocations)
            for name, handler in handlers.items()
        }
        end, events = played(cloud, given, recorded, definition=definition)
    return _opinion(end, events), invocations


def _recorded(name: str, handler: Handler, world: World, into: list[Invocation]) -> Handler:
    begun = world.now

    def record(payload: Any) -> Any:
        into.append(Invocation(name, world.now - begun))
        return handler(payload)

    return record


def _opinion(end: Mapping[str, Any], events: list[Any]) -> Opinion:
    return Opinion(
        status=end["status"],
        entered=tuple(e.details["name"] for e in events if e.type.endswith("StateEntered")),
        output=json.loads(end["output"]) if "output" in end else None,
        error=end.get("error"),
        cause=end.get("cause"),
    )
