"""Pipelines and runs that lead to the calls that a world's faults aim at.

Random worlds rarely make some of these calls, such as those for a run that is stopped while it
waits.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from random import Random
from typing import Any

from codepipeline_sandbox.codepipeline import Act
from playground.company import SECOND
from tests.simulation import people
from tests.simulation.scene import SimulatedWorld
from tests.simulation.sites import MACHINE, Point
from tests.simulation.targets import Target

Way = Callable[[SimulatedWorld, Random, str], None]

# How many runs a way starts. Each run is another chance for a fault to strike.
_SEVERAL = 2
_ACTS = 9  # The number of identical acts in a row.
_MOST = 2  # The maximum number of ways in a world.
_BEGIN = 20.0  # seconds within which the ways start; the weather relies on this
_LOOKING: tuple[dict[str, Any], ...] = (
    {"ifRunning": "wait", "wait": False},
    {"ifRunning": "join"},
    {"mode": "latest"},
    {"mode": "idle"},
)
_STOPPED = {"onAbort": "stop", "timeoutMinutes": 20}


def to(aims: Iterable[Point]) -> list[Way]:
    """Choose ways to reach these points. Ways that random worlds rarely take come first."""
    found = {_WAYS.get((point.function, point.operation)) for point in aims}
    return [way for way in _SELDOM_FOUND_FIRST if way in found][:_MOST]


def lay(world: SimulatedWorld, random: Random, found: Iterable[Way]) -> None:
    for number, way in enumerate(found):
        way(world, random, f"way{number}")


def _followed(world: SimulatedWorld, random: Random, name: str) -> None:
    """Actions wait for a slow target."""
    target = _target(world, random, name, Act(random.choice([140, 200])))
    _release(world, random, name, [{**target.address, **_STOPPED}] * 2)


def _refused(world: SimulatedWorld, random: Random, name: str) -> None:
    """Actions have an invalid input, or a target that is missing or fails."""
    target = _target(world, random, name, Act(20, "Failed"))
    missing = {**target.address, "pipelineName": "missing"}
    mistaken = {"pipelinName": "one"}
    last = random.choice([missing, target.address])
    _release(world, random, name, [mistaken, mistaken, missing, missing, last])


def _renewed(world: SimulatedWorld, random: Random, name: str) -> None:
    """Runs with onAbort have open jobs. Some of their actions are abandoned."""
    target = _target(world, random, name, Act(15))
    _release(world, random, name, [{**target.address, **_STOPPED}] * _SEVERAL)
    if random.random() < 0.2:
        stop = partial(people.abandon, world, f"{name}-release")
        world.let(random.uniform(10, 50), stop)


def _stopped(world: SimulatedWorld, random: Random, name: str) -> None:
    """People stop runs whose targets must then be stopped too."""
    target = _target(world, random, name, Act(300))
    _release(world, random, name, [{**target.address, **_STOPPED}])
    _runs(world, random, target, _STOPPED)
    world.let(_BEGIN + random.uniform(5, 60), partial(people.stop_runs_of, world, target.name))


def _redriven(world: SimulatedWorld, random: Random, name: str) -> None:
    """People stop runs and redrive them later."""
    _stopped(world, random, name)
    again = partial(people.redrive_runs_of, world, name)
    world.let(_BEGIN + random.choice([60.5, 62, 70, 200]), again)


def _contended(world: SimulatedWorld, random: Random, name: str) -> None:
    """Several runs wait for a target to become idle, and then all try to start it."""
    target = _target(world, random, name, Act(random.choice([15, 40])))
    world.let(0.5, partial(people.start_target, target))
    asked = {"ifRunning": "wait", "timeoutMinutes": random.choice([8, 20])}
    at = random.uniform(1, _BEGIN)
    for _ in range(_SEVERAL):
        document = {**target.address, **asked}
        world.let(at + random.choice([0, 0, 1, 3]), partial(people.run, world, document))
    _release(world, random, name, [{**target.address, **asked}] * _SEVERAL)


def _stopped_before(world: SimulatedWorld, random: Random, name: str) -> None:
    """Runs are stopped before they know whether they have started an execution."""
    target = _target(world, random, name, Act(300))
    if_running, latest = random.choice([("wait", 40), ("wait", 40), ("wait", 40), ("start", 5)])
    asked = {**_STOPPED, "ifRunning": if_running}
    world.let(0.5, partial(people.start_target, target))
    _runs(world, random, target, asked)
    world.let(_BEGIN + random.uniform(0, latest), partial(people.stop_runs_of, world, target.name))


def _busy(world: SimulatedWorld, random: Random, name: str) -> None:
    """Runs wait for a busy target, join it or follow it."""
    target = _target(world, random, name, Act(15))
    world.let(0.5, partial(people.start_target, target))
    _runs(world, random, target, {**random.choice(_LOOKING), "timeoutMinutes": 3})


def _given(world: SimulatedWorld, random: Random, name: str) -> None:
    target = _target(world, random, name, Act(25))
    world.let(0.5, partial(people.start_target, target))
    for _ in range(_SEVERAL):
        world.let(random.uniform(5, 30), partial(_follow_newest, world, target))


def _out_of_time(world: SimulatedWorld, random: Random, name: str) -> None:
    """Runs reach their deadline and must stop their targets."""
    target = _target(world, random, name, Act(400))
    _runs(world, random, target, {"onTimeout": "stop", "timeoutMinutes": 1})


def _failing(world: SimulatedWorld, random: Random, name: str) -> None:
    target = _target(world, random, name, Act(5, "Failed"))
    _runs(world, random, target, {"maxStageRetries": 2, "timeoutMinutes": 20})


def _stopping(world: SimulatedWorld, random: Random, name: str) -> None:
    random.choice((_stopped, _out_of_time))(world, random, name)


_WAYS: Mapping[tuple[str, str], Way] = {
    **{
        ("CodePipelineJob", call): _renewed
        for call in (
            "codepipeline:GetJobDetails",
            "dynamodb:UpdateItem",
            "stepfunctions:StartExecution",
        )
    },
    ("CodePipelineJob", "codepipeline:PutJobFailureResult"): _refused,
    ("CodePipelineJob", "codepipeline:PutJobSuccessResult"): _followed,
    ("CodePipelineJob", "stepfunctions:DescribeExecution"): _followed,
    ("CodePipelineJob", "lambda:Invoke"): _stopped,
    ("CloseJob", ""): _stopped,
    ("CloseJob", "codepipeline:PutJobFailureResult"): _followed,
    ("CloseJob", "codepipeline:PutJobSuccessResult"): _followed,
    ("CloseJob", "codepipeline:GetJobDetails"): _followed,
    ("CloseJob", "dynamodb:GetItem"): _redriven,
    ("CloseJob", "dynamodb:UpdateItem"): _stopped,
    ("CloseJob", "stepfunctions:DescribeExecution"): _stopped,
    ("CloseJob", "stepfunctions:GetExecutionHistory"): _stopped,
    ("CloseJob", "lambda:Invoke"): _stopped,
    ("StartExecution", "codepipeline:GetPipelineExecution"): _given,
    ("StartExecution", "codepipeline:GetPipelineState"): _busy,
    ("StartExecution", "codepipeline:ListActionExecutions"): _busy,
    ("StartExecution", "codepipeline:ListPipelineExecutions"): _contended,
    ("StartExecution", "codepipeline:StartPipelineExecution"): _renewed,
    ("GetState", "codepipeline:GetPipeline"): _failing,
    ("RetryStage", ""): _failing,
    ("RetryStage", "codepipeline:GetPipelineExecution"): _failing,
    ("RetryStage", "codepipeline:ListActionExecutions"): _failing,
    ("RetryStage", "codepipeline:RetryStageExecution"): _failing,
    ("RetryStage", "sts:AssumeRole"): _failing,
    ("StopExecution", ""): _stopping,
    ("StopExecution", "codepipeline:ListPipelineExecutions"): _stopped_before,
    ("StopExecution", "codepipeline:StopPipelineExecution"): _stopping,
    ("StopExecution", "sts:AssumeRole"): _stopping,
    ("ReportJobResult", ""): _renewed,
    ("ReportJobResult", "dynamodb:GetItem"): _followed,
    ("ReportJobResult", "dynamodb:UpdateItem"): _renewed,
    ("ReportJobResult", "codepipeline:ListActionExecutions"): _renewed,
    ("ReportJobResult", "codepipeline:PutJobFailureResult"): _refused,
    ("ReportJobResult", "codepipeline:PutJobSuccessResult"): _renewed,
    ("Wake", ""): _followed,
    ("Wake", "dynamodb:UpdateItem"): _followed,
    ("Wake", "stepfunctions:SendTaskSuccess"): _followed,
    (MACHINE, "dynamodb:GetItem"): _followed,
    (MACHINE, "dynamodb:PutItem"): _contended,
    (MACHINE, "dynamodb:UpdateItem"): _followed,
    ("", "event"): _stopped,
    ("", "target"): _stopped,
}

_SELDOM_FOUND_FIRST: Sequence[Way] = (
    *(_redriven, _contended, _stopped_before, _stopped, _refused, _renewed, _failing),
    *(_followed, _stopping, _given, _busy),
)


def _target(world: SimulatedWorld, random: Random, name: str, act: Act) -> Target:
    target = Target(world.company, name, SECOND, random, plan={"S0": {"A0": [act] * _ACTS}})
    world.targets.append(target)
    return target


def _release(
    world: SimulatedWorld, random: Random, name: str, asked: Iterable[Mapping[str, Any]]
) -> None:
    actions = [
        world.company.waiting_action(f"W{number}", json.dumps(each))
        for number, each in enumerate(asked)
    ]
    release = f"{name}-release"
    world.company.add_pipeline(release, {"Go": actions})
    world.releases.append(release)
    world.let(random.uniform(0, _BEGIN), partial(people.start, world, release))


def _runs(world: SimulatedWorld, random: Random, target: Target, asked: Mapping[str, Any]) -> None:
    for _ in range(_SEVERAL):
        document = {**target.address, **asked}
        world.let(random.uniform(1, _BEGIN), partial(people.run, world, document))


def _follow_newest(world: SimulatedWorld, target: Target) -> str:
    executions = target.executions()
    if not executions:  # the started execution is not visible yet
        return f"cannot see an execution of {target.name}"
    newest = executions[0]["pipelineExecutionId"]
    return people.run(world, {**target.address, "pipelineExecutionId": newest, "timeoutMinutes": 8})
