"""Tracks the state of all pipelines, with their stages and actions, and of all runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from playground.chronicle import asked, run_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from playground.company import Company


@dataclass
class Step:
    """A stage or an action. The status is None until the first event."""

    name: str
    status: str | None = None


@dataclass
class Stage(Step):
    """A stage with its actions."""

    actions: dict[str, Step] = field(default_factory=dict)


@dataclass
class Pipeline:
    """A pipeline and the state of its newest execution."""

    account: str
    name: str
    stages: dict[str, Stage]
    status: str | None = None
    executions: list[str] = field(default_factory=list)  # oldest first

    def see(self, detail: Mapping[str, Any]) -> None:
        """Update the state from an event."""
        state = detail["state"]
        if "stage" not in detail:
            self.status = state
            if state == "STARTED":
                self._begin(detail["execution-id"])
            return
        stage = self.stages[detail["stage"]]
        step = stage.actions[detail["action"]] if "action" in detail else stage
        step.status = state

    def _begin(self, execution_id: str) -> None:
        self.executions.append(execution_id)
        for stage in self.stages.values():
            stage.status = None
            for action in stage.actions.values():
                action.status = None


@dataclass
class Run:
    """A run of the product."""

    arn: str
    asked: str
    begun: float
    status: str
    ended: float | None = None

    @property
    def name(self) -> str:
        """The short name of the run."""
        return run_name(self.arn)


class Board:
    """All pipelines in a fixed order, and all runs in the order in which they started."""

    def __init__(self, company: Company, pipelines: Sequence[tuple[str, str]]) -> None:
        self.pipelines = {
            (account, name): Pipeline(account, name, _stages(company, account, name))
            for account, name in pipelines
        }
        self.runs: dict[str, Run] = {}

    def see(self, event: Mapping[str, Any], now: float) -> None:
        """Update the state from an event."""
        detail = event["detail"]
        if event["source"] == "aws.codepipeline":
            self.pipelines[event["account"], detail["pipeline"]].see(detail)
        elif event["source"] == "aws.states":
            arn = detail["executionArn"]
            run = self.runs.setdefault(arn, Run(arn, asked(detail["input"]), now, ""))
            run.status = detail["status"]
            run.ended = None if run.status == "RUNNING" else now

    def pipeline(self, account: str, name: str) -> Pipeline:
        """Find the pipeline with this name in this account."""
        return self.pipelines[account, name]


def _stages(company: Company, account: str, name: str) -> dict[str, Stage]:
    declared = company.codepipeline(account).get_pipeline(name=name)["pipeline"]["stages"]
    return {
        stage["name"]: Stage(
            stage["name"],
            actions={action["name"]: Step(action["name"]) for action in stage["actions"]},
        )
        for stage in declared
    }
