"""Describes line by line what happened in a world, to help investigate a failing seed."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from playground import chronicle

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.simulation.observer import Effect, Invocation
    from tests.simulation.scene import SimulatedWorld

_LONGEST = 220


def lines(world: SimulatedWorld) -> list[str]:
    entries = sorted(_all(world), key=lambda each: each[0])
    prefix = world.company.state_machine.replace(":stateMachine:", ":execution:") + ":"
    return [
        f"{_clock(at)}  {what:<9} {text.replace(prefix, '')[:_LONGEST]}"
        for at, what, text in entries
    ]


def _all(world: SimulatedWorld) -> Iterator[tuple[float, str, str]]:
    observer = world.observer
    for at, said in observer.said:
        yield at, "people", said
    for event in observer.events:
        if (entry := chronicle.entry(event.document)) is not None:
            yield event.time, "status", f"{entry.who} {entry.what} {_id(event.document)}"
    for one in observer.invocations:
        yield one.time, "invoked", _invocation(one)
        if one.ended is not None and not one.clean:
            yield one.ended, "died", f"{one.function}, invoked at {_clock(one.time)}"
    for effect in observer.effects:
        yield effect.time, "effect", _effect(effect)
    for strike in world.cloud.faults.log:
        yield strike.time, "FAULT", str(strike).partition(" ")[2]


def _id(event: object) -> str:
    detail = event["detail"]  # type: ignore[index] # a service's event
    return str(detail.get("execution-id", ""))[:8]


def _invocation(one: Invocation) -> str:
    document = json.loads(one.payload)
    event = document.get("requestPayload", document)
    if "CodePipeline.job" in event:
        job = event["CodePipeline.job"]
        return f"{one.function} job {job['id']} {job['data'].get('continuationToken', '')}"
    rest = {name: document[name] for name in ("run", "execution", "report") if document.get(name)}
    return f"{one.function} {json.dumps(rest)}"


def _effect(effect: Effect) -> str:
    accepted = "" if effect.accepted else " REFUSED"
    return f"{effect.function} {effect.operation}{accepted} {json.dumps(effect.body)}"


def _clock(at: float) -> str:
    return f"{datetime.fromtimestamp(at, UTC):%H:%M:%S.%f}"[:-3]
