"""Simulated people who start, stop and retry pipelines, and stop and redrive runs."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial
from random import Random
from typing import Any

from botocore.exceptions import ClientError

from codepipeline_sandbox.codepipeline.engine.executions import Execution
from codepipeline_sandbox.codepipeline.models import codepipeline_backends
from playground.company import REGION
from tests.simulation.observer import Past
from tests.simulation.scene import SimulatedWorld
from tests.simulation.targets import NOBODY, Target

_BUSY = 500.0  # seconds during which people act

Act = Callable[[SimulatedWorld, Random], str]


def come(world: SimulatedWorld, random: Random) -> None:
    for _ in range(random.choice([0, 1, 2, 4])):
        at = random.choice([random.uniform(1, 200), random.uniform(1, _BUSY)])
        world.let(at, partial(_do_something, world, random))


def start(world: SimulatedWorld, name: str) -> str:
    world.company.start(name)
    return f"start {name}"


def start_target(target: Target, **variables: str) -> str:
    try:
        target.start(**variables)
    except ClientError as error:
        return f"start {target.name}, but {error.response['Error']['Code']}"
    return f"start {target.name}{variables or ''}"


def fill(world: SimulatedWorld, target: Target, number: int) -> str:
    """Add many executions to a target. They succeed immediately."""
    pipeline = codepipeline_backends[target.account][REGION].pipeline(target.name)
    trigger = {"triggerType": "StartPipelineExecution", "triggerDetail": "somebody"}
    now = world.observer.now
    for _ in range(number):
        execution = Execution(pipeline, trigger, {"size": "small"}, {})
        execution.status = "Succeeded"
        pipeline.executions[execution.id] = execution
        changes = [(now, "InProgress"), (now, "Succeeded")]
        past = Past(target.name, target.account, "somebody", execution.version, changes)
        world.observer.pasts[execution.id] = past
    return f"start {target.name}, {number} times"


def run(world: SimulatedWorld, document: Mapping[str, Any]) -> str:
    text = json.dumps(document)
    world.company.stepfunctions().start_execution(
        stateMachineArn=world.company.state_machine, input=text
    )
    return f"run {text}"


def start_release(world: SimulatedWorld, random: Random) -> str:
    return start(world, random.choice(world.releases))


def abandon_release(world: SimulatedWorld, random: Random) -> str:
    return _stop_release(world, random.choice(world.releases), abandon=True)


def abandon(world: SimulatedWorld, name: str) -> str:
    """Stop an invoking pipeline if it is running, and abandon its actions."""
    try:
        return _stop_release(world, name, abandon=True)
    except ClientError as error:
        return f"abandon {name}, but {error.response['Error']['Code']}"


def stop_release(world: SimulatedWorld, random: Random) -> str:
    return _stop_release(world, random.choice(world.releases), abandon=False)


def retry_release(world: SimulatedWorld, random: Random) -> str:
    name = random.choice(world.releases)
    world.company.codepipeline().retry_stage_execution(
        pipelineName=name,
        stageName="Go",
        pipelineExecutionId=_newest(world, name),
        retryMode="FAILED_ACTIONS",
    )
    return f"retry {name}"


def stop_run(world: SimulatedWorld, random: Random) -> str:
    arn = _some_run(world, random, "RUNNING")
    if arn is None:
        return "no run to stop"
    world.company.stepfunctions().stop_execution(executionArn=arn, cause="by hand")
    world.stopped.setdefault(arn, []).append(world.observer.now)
    return f"stop run {arn.rpartition(':')[2]}"


def stop_runs_of(world: SimulatedWorld, pipeline: str) -> str:
    client = world.company.stepfunctions()
    for arn in _runs(world, "RUNNING"):
        if f'"{pipeline}"' in client.describe_execution(executionArn=arn)["input"]:
            client.stop_execution(executionArn=arn, cause="by hand")
            world.stopped.setdefault(arn, []).append(world.observer.now)
    return f"stop the runs of {pipeline}"


def redrive_runs_of(world: SimulatedWorld, pipeline: str) -> str:
    client = world.company.stepfunctions()
    for arn in _runs(world, "ABORTED"):
        if f'"{pipeline}"' in client.describe_execution(executionArn=arn)["input"]:
            client.redrive_execution(executionArn=arn)
            world.redriven[arn] = world.observer.now
    return f"redrive the runs of {pipeline}"


def redrive_run(world: SimulatedWorld, random: Random) -> str:
    arn = _some_run(world, random, random.choice(["ABORTED", "ABORTED", "FAILED"]))
    if arn is None:
        return "no run to redrive"
    world.company.stepfunctions().redrive_execution(executionArn=arn)
    world.redriven[arn] = world.observer.now
    return f"redrive run {arn.rpartition(':')[2]}"


def _do_something(world: SimulatedWorld, random: Random) -> str:
    acts: list[Act] = [stop_run, redrive_run]
    if world.releases:
        acts += [abandon_release, stop_release, retry_release, start_release]
    if random.random() < 0.6:
        return random.choice(world.targets).happens()
    return _tried(random.choice(acts), world, random)


def _tried(act: Act, world: SimulatedWorld, random: Random) -> str:
    try:
        return act(world, random)
    except ClientError as error:
        return f"{act.__name__}, but {error.response['Error']['Code']}"


def _stop_release(world: SimulatedWorld, name: str, *, abandon: bool) -> str:
    world.company.codepipeline().stop_pipeline_execution(
        pipelineName=name, pipelineExecutionId=_newest(world, name), abandon=abandon
    )
    return f"stop {name}{' and abandon' if abandon else ''}"


def _newest(world: SimulatedWorld, name: str) -> str:
    listed = world.company.codepipeline().list_pipeline_executions(pipelineName=name)
    newest = listed["pipelineExecutionSummaries"][:1]
    return newest[0]["pipelineExecutionId"] if newest else NOBODY


def _some_run(world: SimulatedWorld, random: Random, status: Any) -> str | None:
    found = _runs(world, status)
    return random.choice(found) if found else None


def _runs(world: SimulatedWorld, status: Any) -> list[str]:
    found = world.company.stepfunctions().list_executions(
        stateMachineArn=world.company.state_machine, statusFilter=status
    )["executions"]
    return [each["executionArn"] for each in found]
