"""Random pipelines, random runs that follow them, and people who do random things to them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from random import Random
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from sandbox.codepipeline import Act, Settings, script, settings
from sandbox.company import REGION, SECOND, Action, Company
from sandbox.source_stage import SOURCE

if TYPE_CHECKING:
    from mypy_boto3_codepipeline import CodePipelineClient

    from sandbox.world import World

MODES = ("SUPERSEDED", "SUPERSEDED", "QUEUED", "PARALLEL")
RUNS = 4
OPERATIONS = 24


def random_settings(random: Random) -> Settings:
    """What AWS does not document about automatic retries, one way or the other."""
    return Settings(
        failure_shows_before_automatic_retry=random.random() < 0.5,
        automatic_retry_after=random.choice([0.0, 1.0, 5.0]),
        between_stages=random.choice([0.0, 2.0]),
    )


class Target:
    """A pipeline of the second account, and the people who work with it."""

    def __init__(self, company: Company, name: str, random: Random) -> None:
        self.name = name
        self._random = random
        self._mode = random.choice(MODES)
        self._client: CodePipelineClient = company.codepipeline(SECOND)
        self._stages = [f"S{number}" for number in range(random.randint(1, 3))]
        self._create(company)

    def _create(self, company: Company) -> None:
        declaration: Any = {
            "name": self.name,
            "roleArn": company.pipeline_role(SECOND),
            "artifactStore": {"type": "S3", "location": f"artifacts-{SECOND}"},
            "pipelineType": "V2",
            "executionMode": self._mode,
            "stages": [SOURCE, *map(self._stage, self._stages)],
        }
        self._client.create_pipeline(pipeline=declaration)
        self._declaration = declaration

    def _stage(self, name: str) -> dict[str, Any]:
        random = self._random
        actions = [Action(f"A{number}") for number in range(random.randint(1, 2))]
        if self._mode != "PARALLEL" and random.random() < 0.2:  # its approvals have no tokens
            actions.append(Action("Approve", (), provider="Manual"))
        for action in actions:
            if action.scripted:
                acts = [random_act(random) for _ in range(6)]
                script(SECOND, REGION, self.name, name, action.name, acts)
        retried: dict[str, Any] = {"result": "RETRY"} if random.random() < 0.3 else {}
        return {
            "name": name,
            "actions": [action.declaration() for action in actions],
            **({"onFailure": retried} if retried else {}),
        }

    def happens(self) -> None:
        """Let somebody do something, whether CodePipeline lets them or not."""
        with suppress(ClientError):
            self._random.choice(
                (
                    *(self._start, self._start, self._start, self._stop, self._retry, self._retry),
                    *(self._update, self._transition, self.open, self.approve, self.approve),
                )
            )()

    def executions(self) -> list[Any]:
        """All executions, newest first."""
        listed = self._client.list_pipeline_executions(pipelineName=self.name)
        return listed["pipelineExecutionSummaries"]

    def open(self) -> None:
        """Let everybody through."""
        for stage in self._stages:
            self._client.enable_stage_transition(
                pipelineName=self.name, stageName=stage, transitionType="Inbound"
            )

    def approve(self) -> None:
        """Answer the approvals that wait, most of them with yes."""
        for stage, action, token in self._pending():
            answer: Any = self._random.choice(("Approved", "Approved", "Rejected"))
            self._client.put_approval_result(
                pipelineName=self.name,
                stageName=stage,
                actionName=action,
                result={"status": answer, "summary": ""},
                token=token,
            )

    def _pending(self) -> Iterator[tuple[str, str, str]]:
        for stage in self._client.get_pipeline_state(name=self.name)["stageStates"]:
            for action in stage.get("actionStates", []):
                if "token" in (latest := action.get("latestExecution", {})):
                    yield stage["stageName"], action["actionName"], latest["token"]

    def _start(self) -> None:
        self._client.start_pipeline_execution(name=self.name)

    def _stop(self) -> None:
        self._client.stop_pipeline_execution(
            pipelineName=self.name,
            pipelineExecutionId=self._some_execution(),
            abandon=self._random.random() < 0.5,
        )

    def _retry(self) -> None:
        self._client.retry_stage_execution(
            pipelineName=self.name,
            stageName=self._random.choice(self._stages),
            pipelineExecutionId=self._some_execution(),
            retryMode="FAILED_ACTIONS",
        )

    def _update(self) -> None:
        if self._random.random() < 0.3:
            self._client.update_pipeline(pipeline=self._declaration)

    def _transition(self) -> None:
        self._client.disable_stage_transition(
            pipelineName=self.name,
            stageName=self._random.choice(self._stages),
            transitionType="Inbound",
            reason="because",
        )

    def _some_execution(self) -> str:
        ids = [each["pipelineExecutionId"] for each in self.executions()[:4]]
        return self._random.choice(ids) if ids else "00000000-0000-0000-0000-000000000000"


def random_act(random: Random) -> Act:
    """Something that takes up to five minutes, and mostly succeeds."""
    outcome: Any = random.choice(["Succeeded"] * 3 + ["Failed"])
    return Act(duration=random.choice([1, 5, 30, 100, 300]), outcome=outcome)


def random_input(random: Random) -> Mapping[str, Any]:
    """One of the ways to ask for a target."""
    following = {
        "onSuperseded": random.choice(["fail", "follow", "follow", "succeed"]),
        "onTimeout": random.choice(["leave", "stop"]),
        "maxStageRetries": random.choice([0, 0, 1, 3]),
        "timeoutMinutes": random.choice([3, 20, 60]),
    }
    if_running = random.choice(["start", "start", "join", "wait", "skip"])
    latest = {"mode": "latest", "onNeverRun": random.choice(["fail", "succeed"])}
    return random.choice(
        (
            {**following, "ifRunning": if_running},
            {**following, "ifRunning": if_running},
            {**following, **latest},
            {"ifRunning": if_running, "wait": False},
            {"mode": "idle", "timeoutMinutes": following["timeoutMinutes"]},
        )
    )


def play(company: Company, random: Random) -> tuple[list[Target], list[str]]:
    """Let it all happen, and everything come to its end: the targets, and the runs' ARNs."""
    settings.use(random_settings(random))
    world = company.cloud.world
    targets = [Target(company, name, random) for name in ("one", "two")]
    starts = sorted(random.sample(range(OPERATIONS), RUNS))
    runs = []
    for number in range(OPERATIONS):
        target = random.choice(targets)
        target.happens()
        if number in starts:
            role = company.target_roles[SECOND]
            document = {"pipelineName": target.name, "roleArn": role, **random_input(random)}
            runs.append(
                company.stepfunctions().start_execution(
                    stateMachineArn=company.state_machine, input=json.dumps(document)
                )["executionArn"]
            )
        world.run(until=world.now + random.choice([0, 1, 5, 30, 120, 300]))
    come_to_rest(targets, world)
    return targets, runs


def come_to_rest(targets: list[Target], world: World) -> None:
    """Open what is closed and answer who waits, until nothing goes on."""
    going_on = {"InProgress", "Stopping"}
    while any(each["status"] in going_on for target in targets for each in target.executions()):
        for target in targets:
            target.open()
            target.approve()
        world.run(until=world.now + 300)
    world.run()
