"""Runs the state machine on both interpreters, with functions that return fixed answers."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from codepipeline_orchestrator.model.documents import to_document
from codepipeline_sandbox.cloud import Cloud
from codepipeline_sandbox.kernel.protocols import Credentials
from codepipeline_sandbox.kernel.world import World
from codepipeline_sandbox.patches.sessions import administrator_key
from codepipeline_sandbox.stepfunctions.canned import CannedFunctions
from codepipeline_sandbox.stepfunctions.exceptions import TaskTimedOut
from codepipeline_sandbox.stepfunctions.models import stepfunctions_backends
from codepipeline_sandbox.stepfunctions.second_opinion import Opinion, second_opinion
from codepipeline_sandbox.stepfunctions.tokens import TaskTokens
from codepipeline_sandbox.stepfunctions.visits.callback import Callback
from tests.statemachine.canned_answers import (
    JOB_ID,
    changing,
    ended,
    going_on,
    reachable,
    reported,
    retried,
    started,
)

SOURCE = Path(__file__).parents[2] / "statemachine" / "pipeline_run.asl.yaml"
ACCOUNT, REGION = "111122223333", "us-east-1"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/Machine"
WAITS, WAITS_KEY = "Waits", "execution"
ALLOW_ALL = SimpleNamespace(
    require=lambda *_: None,
    require_service_role=lambda *_: None,
    service_session=lambda *_: Credentials(administrator_key(ACCOUNT), "administrator"),
)

Handler = Callable[[Any], Any]
Item = Mapping[str, Any]


@dataclass(frozen=True)
class Invocation:
    """A call to a function, and the seconds since the start of the run."""

    function: str
    seconds: float


def opinions(
    *, waits: Sequence[Item] = (), told: Sequence[Any] = (), **changed: list[Any]
) -> tuple[Opinion, Opinion]:
    """Run the state machine on both interpreters and return both results.

    `changed` replaces the answers of some functions. A function returns its answers in order and
    repeats the last one. If an answer is an exception, the function raises it. If it is callable,
    the function calls it with the payload. `waits` contains the items in the Waits table. `told`
    contains the outputs that end the run's waits for an event, in order. A wait times out if its
    output is None or if no output is left.
    """
    here, there, _ = opinions_and_invocations(waits=waits, told=told, **changed)
    return here, there


def opinions_and_invocations(
    *, waits: Sequence[Item] = (), told: Sequence[Any] = (), **changed: list[Any]
) -> tuple[Opinion, Opinion, list[Invocation]]:
    """Return both results and the function calls that the sandbox's interpreter made, in order.
    moto's interpreter skips waits, so its calls have no meaningful times.
    """
    given = {"job": {"id": JOB_ID}, "input": {"pipelineName": "deploy"}}
    with Cloud(seed=3) as cloud:
        put(cloud, waits)
        here, invocations = _ours(cloud, given, _functions(changed, cloud.world), told)
    with Cloud(seed=3) as cloud:
        there = second_opinion(
            definition_text(),
            given,
            _functions(changed, cloud.world),
            dynamodb=put(cloud, waits),
            told=told,
        )
    return here, there, invocations


def put(cloud: Cloud, waits: Iterable[Item]) -> Any:
    client = cloud.session(ACCOUNT, REGION).client("dynamodb")
    client.create_table(
        TableName=WAITS,
        AttributeDefinitions=[{"AttributeName": WAITS_KEY, "AttributeType": "S"}],
        KeySchema=[{"AttributeName": WAITS_KEY, "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    for item in waits:
        client.put_item(TableName=WAITS, Item=item)
    return client


def _functions(changed: Mapping[str, list[Any]], world: World) -> dict[str, Handler]:
    good = {
        "AssumeRole": [reachable()],
        "StartExecution": [started()],
        "GetState": [going_on(), ended("Succeeded")],
        "RetryStage": [retried()],
        "StopExecution": [{**ended("TimedOut")["report"], "stopped": True}],
        "ReportJobResult": [reported("Succeeded")],
    }
    assert changed.keys() <= good.keys()
    return {name: _answers(given, world) for name, given in {**good, **changed}.items()}


def _answers(given: list[Any], world: World) -> Handler:
    left = list(given)

    def handler(payload: Any) -> Any:
        answer = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(answer, Exception):
            raise answer
        return dated(answer(payload) if callable(answer) else answer, world)

    return handler


def dated(answer: Any, world: World) -> Any:
    """Replace the answer's `waitSeconds` with `pollAt`, the time of the next poll."""
    if not isinstance(answer, dict) or "waitSeconds" not in answer:
        return answer
    poll_at = datetime.fromtimestamp(world.now + answer["waitSeconds"], UTC)
    rest = {name: value for name, value in answer.items() if name != "waitSeconds"}
    return changing(rest, pollAt=to_document(poll_at))


@cache
def definition_text() -> str:
    text = json.dumps(yaml.safe_load(SOURCE.read_text())).replace("${Partition}", "aws")
    text = text.replace("${WaitsTable}", WAITS)
    function = r"arn:aws:lambda:us-east-1:111122223333:function:\1"
    return re.sub(r"\$\{(\w+)FunctionArn\}", function, text)


def played(
    cloud: Cloud, given: Any, handlers: Mapping[str, Handler], *, definition: str | None = None
) -> tuple[Mapping[str, Any], list[Any]]:
    """Run the state machine with the given functions. Return its outcome and history."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cloud, "functions", CannedFunctions(cloud.world, handlers))
        patch.setattr(cloud, "access", ALLOW_ALL)
        backend = stepfunctions_backends[ACCOUNT][REGION]
        machine = backend.create_state_machine("Machine", definition or definition_text(), ROLE)
        arn = cloud.state_machines.start(machine.arn, json.dumps(given), name="one")
        end = cloud.world.result_of(cloud.state_machines.ended(arn))
        return end, backend.describe_execution(arn).history.events


def _ours(
    cloud: Cloud, given: Any, handlers: Mapping[str, Handler], told: Iterable[Any]
) -> tuple[Opinion, list[Invocation]]:
    invocations: list[Invocation] = []
    recorded = {
        name: _recorded(name, handler, cloud.world, invocations)
        for name, handler in handlers.items()
    }
    with pytest.MonkeyPatch.context() as patch:
        tokens = stepfunctions_backends[ACCOUNT][REGION].tokens
        patch.setattr(tokens, "issue", _answered(tokens, iter(told)))
        end, events = played(cloud, given, recorded)
    return _opinion(end, events), invocations


def _answered(tokens: TaskTokens, told: Iterator[Any]) -> Callable[[World, str], Callback]:
    issue = tokens.issue

    def issued(world: World, state_machine_arn: str) -> Callback:
        callback = issue(world, state_machine_arn)
        world.after(0.5, lambda: _answer(tokens, callback, world.now, told))
        return callback

    return issued


def _answer(tokens: TaskTokens, callback: Callback, now: float, told: Iterator[Any]) -> None:
    with suppress(TaskTimedOut):  # A wait that has already failed does not use up an output.
        tokens.heartbeat(callback.token, now)
        if (output := next(told, None)) is not None:
            tokens.succeed(callback.token, json.dumps(output))


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
