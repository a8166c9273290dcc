"""Situations that random worlds rarely produce. A world's seed selects one of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial
from random import Random
from typing import TYPE_CHECKING, Any

from codepipeline_sandbox.codepipeline import Act
from codepipeline_sandbox.faults import CallFault, InvocationFault
from playground.company import SECOND
from tests.simulation import people
from tests.simulation.asking import REVISIONS
from tests.simulation.misfortunes import deployed
from tests.simulation.targets import APPROVAL, Plan, Target

if TYPE_CHECKING:
    from codepipeline_sandbox.faults.faults import AnyFault
    from tests.simulation.scene import SimulatedWorld

_ALIKE = 9  # the number of identical acts in a row
_STAGE_CHANGE = "CodePipeline Action Execution State Change"
_PIPELINE_CHANGE = "CodePipeline Pipeline Execution State Change"
_REPLACED = {"CANCELED", "FAILED", "SUPERSEDED"}
_LOCKED = ("SUPERSEDED", "SUPERSEDED", "QUEUED")
_MANY = 1_050  # More than the 1,000 executions that a listing contains.
_TIMEOUT = 60  # The shortest `timeoutMinutes`, in seconds.


def _rejected(world: SimulatedWorld, random: Random, name: str) -> None:
    """Approvals are granted, rejected or left to expire, often in parallel with failing actions."""
    approver = [
        Act(random.uniform(1, 60), random.choice(["Failed", "Failed", "Succeeded"]))
        for _ in range(_ALIKE)
    ]
    actions = {
        APPROVAL: random.choice([approver, approver, ()]),  # without acts, the approval expires
        "A0": [
            Act(random.choice([1, 20, 60]), random.choice(["Failed", "Failed", "Succeeded"]))
            for _ in range(_ALIKE)
        ],
    }
    target = _target(world, random, name, {"S0": actions}, random.choice(_LOCKED))
    _runs(world, random, target, {"maxStageRetries": random.choice([1, 3, 10])})


def _restarted(world: SimulatedWorld, random: Random, name: str) -> None:
    """The target updates itself and is restarted immediately, late or not at all."""
    took = random.choice([10.0, 40.0])
    rollout = Act(random.choice([20, 60]), random.choice(["Succeeded", "Succeeded", "Failed"]))
    plan: Plan = {"Update": {"Mutate": [Act(took)] * _ALIKE}, "Deploy": {"A0": [rollout] * _ALIKE}}
    target = _target(world, random, name, plan, random.choice(_LOCKED))
    left = [random.choice([1, 1, 2])]

    def changed(event: Mapping[str, Any]) -> None:
        detail = event["detail"]
        if event["source"] != "aws.codepipeline" or detail["pipeline"] != target.name:
            return
        kind, state = event["detail-type"], detail["state"]
        if kind == _STAGE_CHANGE and (detail["action"], state) == ("Mutate", "STARTED"):
            if left[0] > 0:
                left[0] -= 1
                world.let(took * random.choice([0.3, 0.9, 1.5]), partial(_update, target))
        elif kind == _PIPELINE_CHANGE and state in _REPLACED and detail["version"] < target.version:
            after = random.choice([0.2, 2, 30, 200, 400])
            world.let(after, partial(people.start_target, target))

    world.cloud.events.watch(changed)
    asked = {"onRestarted": random.choice(["follow", "follow", "follow", "fail"])}
    asked |= {"onSuperseded": random.choice(["fail", "follow"])}
    _runs(world, random, target, {**asked, **_size(random)})


def _crowded(world: SimulatedWorld, random: Random, name: str) -> None:
    """More than 1,000 executions are newer than the one that a run needs."""
    plan: Plan = {"S0": {"A0": [Act(random.choice([60, 100])), *[Act(15)] * _ALIKE]}}
    target = _target(world, random, name, plan, "PARALLEL")
    world.let(0.5, partial(people.start_target, target))
    many = partial(people.fill, world, target, random.choice([_MANY, 2 * _MANY]))
    if random.random() < 0.6:
        world.let(1.0, many)
        asked: dict[str, Any] = random.choice(
            [
                *({"ifRunning": how} for how in ("wait", "skip", "join")),
                *({"mode": mode} for mode in ("idle", "latest")),
            ]
        )
        _runs(world, random, target, asked, number=1)
    else:
        _runs(world, random, target, {}, number=1)
        world.let(random.uniform(21, 60), many)


def _repeated(world: SimulatedWorld, random: Random, name: str) -> None:
    """Two runs use the same token, possibly with different inputs."""
    act = Act(random.choice([5, 100]), random.choice(["Succeeded", "Succeeded", "Failed"]))
    target = _target(world, random, name, {"S0": {"A0": [act] * _ALIKE}}, "PARALLEL")
    latest = random.choice([2, 60, 300])
    for _ in range(2):
        asked = {"clientRequestToken": "Friday", **_size(random), **_revision(random)}
        if random.random() < 0.2:
            asked["wait"] = False
        document = {**target.address, **asked, "timeoutMinutes": 8}
        if asked.get("wait") is False:
            del document["timeoutMinutes"]
        world.let(random.uniform(1, latest), partial(people.run, world, document))


def _joined(world: SimulatedWorld, random: Random, name: str) -> None:
    """Runs join someone else's execution, possibly with other variables or revisions."""
    plan: Plan = {"S0": {"A0": [Act(random.choice([60, 200]))] * _ALIKE}}
    target = _target(world, random, name, plan, random.choice(("PARALLEL", "QUEUED")))
    world.let(random.uniform(0, 10), partial(people.start_target, target, size="large"))
    for _ in range(2):
        asked = {"ifRunning": "join", **_size(random), **_revision(random)}
        _runs(world, random, target, asked, number=1)


def _late(world: SimulatedWorld, random: Random, name: str) -> None:
    """Runs reach their deadline during a wait, a start, a retry or a failure."""
    asked: dict[str, Any] = {"timeoutMinutes": random.choice([1, 1, 2])}
    asked["onTimeout"] = random.choice(["leave", "stop", "abandon"])
    fails = Act(random.uniform(20, 80), "Failed")
    acts = random.choice([[Act(400)], [Act(400)], [fails], [fails, Act(400)]])
    plan: Plan = {"S0": {"A0": [*acts, *[acts[-1]] * _ALIKE]}}
    retried = random.random() < 0.4
    target = Target(
        world.company, name, SECOND, random, plan=plan, mode="PARALLEL", retried=retried
    )
    world.targets.append(target)
    match random.choice(["wait", "retry", "start", "busy"]):
        case "retry":
            asked["maxStageRetries"] = random.choice([1, 3])
        case "busy":
            asked["ifRunning"] = random.choice(["wait", "join"])
            world.let(0.2, partial(people.start_target, target))
    _runs(world, random, target, asked)


def _abandoned(world: SimulatedWorld, random: Random, name: str) -> None:
    """An invoking action waits for a long time, or is abandoned at a random moment."""
    lasts = random.choice([30, 100, 400, 1_500, 2_500])
    target = _target(world, random, name, {"S0": {"A0": [Act(lasts)] * _ALIKE}}, "PARALLEL")
    asked: dict[str, Any] = {"onAbort": random.choice(["leave", "stop", "stop", "abandon"])}
    asked |= {"timeoutMinutes": random.choice([20, 60])}
    if random.random() < 0.4:
        asked["ifRunning"] = random.choice(["wait", "wait", "join"])
        world.let(0.2, partial(people.start_target, target))
    release = f"{name}-release"
    action = world.company.waiting_action("W0", json.dumps({**target.address, **asked}))
    world.company.add_pipeline(release, {"Go": [action]})
    world.releases.append(release)
    begins = random.uniform(1, 10)
    world.let(begins, partial(people.start, world, release))
    after = random.choice([random.uniform(3, 12), random.uniform(3, 60), random.uniform(3, 1_400)])
    if random.random() < 0.75:  # otherwise, the action waits until the end
        world.let(begins + after, partial(people.abandon, world, release))


SITUATIONS = (_rejected, _restarted, _crowded, _repeated, _joined, _late, _abandoned)


def of(seed: int) -> Callable[[SimulatedWorld, Random, str], None]:
    return SITUATIONS[seed % len(SITUATIONS)]


def lay(world: SimulatedWorld, seed: int) -> None:
    random = Random(f"situation {seed}")  # noqa: S311 - repeatable on purpose
    of(seed)(world, random, "special")


def faults(seed: int) -> list[AnyFault]:
    """The additional faults in this seed's situation: AWS calls that hang near a deadline."""
    random = Random(f"hanging {seed}")  # noqa: S311 - repeatable on purpose
    if of(seed) is not _late:
        return []
    return [_hanging(random) for _ in range(random.choice([0, 1, 1, 2]))]


def _hanging(random: Random) -> AnyFault:
    function, operation = random.choice(
        (
            *(("GetState", "*"), ("GetState", "codepipeline:GetPipelineExecution")),
            *(("GetState", "sts:AssumeRole"), ("GetState", "codepipeline:GetPipelineState")),
            *(("StopExecution", "*"), ("StartExecution", "*"), ("RetryStage", "*")),
            *(("ReportJobResult", "*"), ("*", "codepipeline:*"), ("*", "*")),
        )
    )
    start = random.uniform(0.5, 1.4) * _TIMEOUT
    end = start + random.choice([30, 120, 400, 1_000])
    if operation == "*" and random.random() < 0.3:
        return InvocationFault("killed", deployed(function), start=start, end=end, seconds=20.0)
    kind, seconds = random.choice(
        [("slow", 25.0), ("slow", 40.0), ("lost", 7.0), ("unreachable", 3.0)]
    )
    return CallFault(
        kind, operation, function=deployed(function), start=start, end=end, seconds=seconds
    )


def _size(random: Random) -> dict[str, Any]:
    size = random.choice([None, "large", "large", "huge"])
    return {"variables": [{"name": "size", "value": size}]} if size else {}


def _revision(random: Random) -> dict[str, Any]:
    return {"sourceRevisions": [random.choice(REVISIONS)]} if random.random() < 0.2 else {}


def _target(world: SimulatedWorld, random: Random, name: str, plan: Plan, mode: str) -> Target:
    target = Target(world.company, name, SECOND, random, plan=plan, mode=mode)
    world.targets.append(target)
    return target


def _runs(
    world: SimulatedWorld,
    random: Random,
    target: Target,
    asked: Mapping[str, Any],
    number: int = 2,
) -> None:
    for _ in range(number):
        document = {**target.address, "timeoutMinutes": 20, **asked}
        world.let(random.uniform(1.5, 20), partial(people.run, world, document))


def _update(target: Target) -> str:
    target.update()
    return f"update {target.name}"
