"""Builds a random world from a seed, with its pipelines, runs and people."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from random import Random
from typing import TYPE_CHECKING

from codepipeline_sandbox.codepipeline import Settings, settings
from playground.company import SECOND, THIRD, TOOLS, Action, Company
from tests.simulation import people, situations, ways
from tests.simulation.asking import random_input, random_user_parameters
from tests.simulation.events import Events, are_sent
from tests.simulation.observer import Observer
from tests.simulation.scene import SimulatedWorld
from tests.simulation.targets import Target

if TYPE_CHECKING:
    from collections.abc import Iterable

    from codepipeline_sandbox.cloud import Cloud
    from tests.simulation.sites import Point

_BUSY = 600  # seconds during which people act
_SCHEDULED = "local"


def make(
    cloud: Cloud, seed: int, *, events: Events, bent_by: Iterable[Point] = ()
) -> SimulatedWorld:
    """Build a seed's world without its faults.

    The world is built to reach the points in `bent_by`, which it would rarely reach by chance.
    """
    random = Random(f"world {seed}")  # noqa: S311 - repeatable on purpose
    aims = list(bent_by)
    settings.use(_bent(_random_settings(random), aims))
    accounts = random.choice([[SECOND], [SECOND], [SECOND, THIRD], [TOOLS], [SECOND, TOOLS]])
    scheduled = TOOLS in accounts and random.random() < 0.5
    if any(point.operation == "schedule" for point in aims):
        accounts, scheduled = [TOOLS], True
    company = _deploy(cloud, events=events, scheduled=scheduled)
    observer = Observer(cloud)
    names = ("local" if account == TOOLS else "there" for account in accounts)
    targets = [
        Target(company, name, account, random)
        for name, account in zip(names, accounts, strict=True)
    ]
    world = SimulatedWorld(cloud, company, observer, events, targets)
    found = ways.to(aims)
    crowded = len(found) > 1
    if random.random() < (0.5 if scheduled or crowded else 1.0):
        _add_releases(world, random)
    if random.random() < (0.3 if crowded else 1.0):
        _add_runs(world, random)
    people.come(world, random)
    _ask_twice(world, Random(f"twice {seed}"))  # noqa: S311 - repeatable on purpose
    ways.lay(world, Random(f"ways {seed}"), found)  # noqa: S311 - repeatable on purpose
    situations.lay(world, seed)
    return world


def play(world: SimulatedWorld) -> None:
    clock = world.cloud.world
    clock.run(until=clock.now + _BUSY)
    while any(_goes_on(target) for target in world.targets):
        for target in world.targets:
            target.open()
            target.approve()
        clock.run(until=clock.now + 120)
    clock.run()


def _random_settings(random: Random) -> Settings:
    """Choose random settings for behavior that AWS does not document."""
    return Settings(
        failure_shows_before_automatic_retry=random.random() < 0.5,
        automatic_retry_after=random.choice([0.0, 5.0, 8.0]),
        between_stages=random.choice([0.0, 0.0, 2.0]),
        continuation_interval=random.choice([30.0, 60.0, 60.0, 150.0]),
        silence_counts_from=random.choice(["answer", "job"]),
        finished_jobs_have_details=random.random() < 0.5,
        execution_visible_after=random.choice([0.0, 0.0, 1.0, 5.0]),
        client_request_token_window=random.choice([None, 600.0, 30.0]),
        repeated_request=random.choice(["ignored", "conflict"]),
        status_after_update=random.choice(["Cancelled", "Cancelled", "Failed", "Superseded"]),
        approval_limit=random.choice([604_800.0, 90.0]),
        retry_keeps_action_execution_id=random.random() < 0.5,
        end_visible_after=random.choice([0.0, 0.0, 0.0, 2.0, 8.0, 30.0]),
        lambda_job_context=random.choice(
            ["full", "full", "full", "without_arn", "without_execution", "names", "none"]
        ),
        abandoned_job_answer=random.choice(["refused", "ignored"]),
    )


def _bent(settings: Settings, aims: Iterable[Point]) -> Settings:
    for point in aims:
        match point.function, point.operation:
            case "ReportJobResult", "codepipeline:ListActionExecutions":
                settings = replace(settings, lambda_job_context="full")
            case "CodePipelineJob", _:
                settings = replace(settings, continuation_interval=30.0)
            case "StartExecution", "codepipeline:ListPipelineExecutions":
                settings = replace(settings, execution_visible_after=5.0)
    return settings


def _deploy(cloud: Cloud, *, events: Events, scheduled: bool) -> Company:
    parameters: dict[str, str] = {}
    if scheduled:
        moment = "at(2026-01-05T09:01:40)"
        parameters |= {"ScheduleExpression": moment, "SchedulePipelineName": _SCHEDULED}
    if are_sent(events):
        parameters["EventSenders"] = f"{SECOND},{THIRD}"
    return Company(cloud, targets=(SECOND, THIRD), LocalPipelineNames=_SCHEDULED, **parameters)


def _add_releases(world: SimulatedWorld, random: Random) -> None:
    name = "release"
    asked = random.sample(world.targets, random.choice([1, min(2, len(world.targets))]))
    actions = [
        world.company.waiting_action(f"W{number}", random_user_parameters(random, target))
        for number, target in enumerate(asked)
    ]
    later = {"Then": [Action("After")]} if random.random() < 0.3 else {}
    mode = random.choice(["SUPERSEDED", "SUPERSEDED", "QUEUED", "PARALLEL"])
    world.company.add_pipeline(name, {"Go": actions, **later}, executionMode=mode)
    world.releases.append(name)
    world.let(random.uniform(0, 60), lambda: people.start(world, name))


def _add_runs(world: SimulatedWorld, random: Random) -> None:
    for _ in range(random.choice([0, 0, 1, 1, 2]) if world.releases else random.choice([1, 1, 2])):
        target = random.choice(world.targets)
        document = random_input(random, target)
        world.let(random.uniform(0, 200), partial(people.run, world, document))


def _ask_twice(world: SimulatedWorld, random: Random) -> None:
    if random.random() < 0.15:
        asked = {"clientRequestToken": "Wednesday", "timeoutMinutes": 20}
        document = {**random.choice(world.targets).address, **asked}
        for at in (random.uniform(0, 100), random.uniform(0, 100)):
            world.let(at, partial(people.run, world, document))


def _goes_on(target: Target) -> bool:
    return any(each["status"] in {"InProgress", "Stopping"} for each in target.executions())
