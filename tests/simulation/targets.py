"""Random target pipelines, and what people do to them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from random import Random
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from codepipeline_sandbox.codepipeline import Act, script
from codepipeline_sandbox.pipelines import SOURCE_STAGE
from playground.company import REGION, TOOLS, Action, Company

if TYPE_CHECKING:
    from mypy_boto3_codepipeline import CodePipelineClient

_MODES = ("SUPERSEDED", "SUPERSEDED", "QUEUED", "PARALLEL")
NOBODY = "00000000-0000-0000-0000-000000000000"
_MOST_ACTS = 6

# The acts of each action, by stage and action name. An approval without acts waits for a person.
Plan = Mapping[str, Mapping[str, Sequence[Act]]]
APPROVAL = "Approve"  # the name of every approval action


class Target:
    def __init__(
        self,
        company: Company,
        name: str,
        account: str,
        random: Random,
        *,
        plan: Plan | None = None,
        mode: str = "PARALLEL",
        retried: bool = False,
    ) -> None:
        """Create a random pipeline, or one with a given plan, mode and automatic retries."""
        self.name = name
        self.account = account
        # None if the target is in the orchestrator's account
        self.role = company.target_roles.get(account)
        self._random = random
        self.updates: list[float] = []  # when the definition was updated, in epoch seconds
        self._clock = company.cloud.world
        self._mode = mode if plan else random.choice(_MODES)
        self._client: CodePipelineClient = company.codepipeline(account)
        self.stages = [*plan] if plan else [f"S{each}" for each in range(random.choice([1, 1, 2]))]
        self._retried: dict[str, Any] = {"onFailure": {"result": "RETRY"}} if retried else {}
        stages = self._planned(plan) if plan else map(self._stage, self.stages)
        declaration: Any = {
            "name": name,
            "roleArn": company.pipeline_role(account),
            "artifactStore": {"type": "S3", "location": f"artifacts-{account}"},
            "pipelineType": "V2",
            "executionMode": self._mode,
            "variables": [{"name": "size", "defaultValue": "small"}],
            "stages": [SOURCE_STAGE, *stages],
        }
        self._client.create_pipeline(pipeline=declaration)
        self._declaration = declaration

    @property
    def address(self) -> dict[str, str]:
        return {"pipelineName": self.name, **({"roleArn": self.role} if self.role else {})}

    def happens(self) -> str:
        """Attempt a random act of a simulated person, and return its description."""
        act = self._random.choice(
            (
                *(self.start, self.start, self._stop, self._retry, self._retry),
                *(self._update, self._transition, self.open, self.approve, self.approve),
            )
        )
        with suppress(ClientError):
            act()
        return f"{act.__name__.strip('_')} {self.name}"

    @property
    def retried(self) -> set[str]:
        return {each["name"] for each in self._declaration["stages"] if "onFailure" in each}

    @property
    def version(self) -> int:
        return 1 + len(self.updates)

    def start(self, **variables: str) -> None:
        given = [{"name": name, "value": value} for name, value in variables.items()]
        more: Any = {"variables": given} if given else {}
        self._client.start_pipeline_execution(name=self.name, **more)

    def update(self) -> None:
        """Update the pipeline without changing anything, which increases its version."""
        self._client.update_pipeline(pipeline=self._declaration)
        self.updates.append(self._clock.now)

    def executions(self) -> list[Any]:
        listed = self._client.list_pipeline_executions(pipelineName=self.name)
        return listed["pipelineExecutionSummaries"]

    def open(self) -> None:
        for stage in self.stages:
            self._client.enable_stage_transition(
                pipelineName=self.name, stageName=stage, transitionType="Inbound"
            )

    def approve(self) -> None:
        """Answer all pending approvals. Most are approved."""
        for stage, action, token in self._pending():
            answer: Any = self._random.choice(("Approved", "Approved", "Rejected"))
            self._client.put_approval_result(
                pipelineName=self.name,
                stageName=stage,
                actionName=action,
                result={"status": answer, "summary": ""},
                token=token,
            )

    def _planned(self, plan: Plan) -> Iterator[dict[str, Any]]:
        for stage, actions in plan.items():
            declared = []
            for name, acts in actions.items():
                provider = "Manual" if name == APPROVAL else "CodeBuild"
                action = Action(name, acts, provider=provider)
                if action.scripted:
                    self._script(stage, action, acts)
                declared.append(action.declaration())
            yield {"name": stage, "actions": declared, **self._retried}

    def _stage(self, name: str) -> dict[str, Any]:
        random = self._random
        actions = [Action(f"A{number}") for number in range(random.choice([1, 1, 2]))]
        if (
            self._mode != "PARALLEL" and random.random() < 0.15
        ):  # in a PARALLEL pipeline, GetPipelineState shows no tokens
            actions.append(Action(APPROVAL, (), provider="Manual"))
        for action in actions:
            if action.scripted:
                self._script(name, action, [_act(random) for _ in range(_MOST_ACTS)])
        retried: dict[str, Any] = {"result": "RETRY"} if random.random() < 0.25 else {}
        return {
            "name": name,
            "actions": [action.declaration() for action in actions],
            **({"onFailure": retried} if retried else {}),
        }

    def _script(self, stage: str, action: Action, acts: Sequence[Act]) -> None:
        script(self.account, REGION, self.name, stage, action.name, acts)

    def _pending(self) -> Iterator[tuple[str, str, str]]:
        for stage in self._client.get_pipeline_state(name=self.name)["stageStates"]:
            for action in stage.get("actionStates", []):
                if "token" in (latest := action.get("latestExecution", {})):
                    yield stage["stageName"], action["actionName"], latest["token"]

    def _stop(self) -> None:
        self._client.stop_pipeline_execution(
            pipelineName=self.name,
            pipelineExecutionId=self._some_execution(),
            abandon=self._random.random() < 0.5,
        )

    def _retry(self) -> None:
        self._client.retry_stage_execution(
            pipelineName=self.name,
            stageName=self._random.choice(self.stages),
            pipelineExecutionId=self._some_execution(),
            retryMode="FAILED_ACTIONS",
        )

    def _update(self) -> None:
        if self._random.random() < 0.3:
            self.update()

    def _transition(self) -> None:
        self._client.disable_stage_transition(
            pipelineName=self.name,
            stageName=self._random.choice(self.stages),
            transitionType="Inbound",
            reason="because",
        )

    def _some_execution(self) -> str:
        ids = [each["pipelineExecutionId"] for each in self.executions()[:4]]
        return self._random.choice(ids) if ids else NOBODY


def is_local(target: Target) -> bool:
    return target.account == TOOLS


def _act(random: Random) -> Act:
    """Create a random act that takes up to a few minutes and usually succeeds."""
    outcome: Any = random.choice(["Succeeded"] * 3 + ["Failed"])
    return Act(duration=random.choice([1, 5, 20, 60, 60, 200]), outcome=outcome)
