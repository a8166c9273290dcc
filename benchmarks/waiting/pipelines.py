"""Create two pipelines for each wait in the sandbox: a target and an invoking pipeline."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from benchmarks.waiting.worlds import APPROVAL, SOURCE, Passage, Wait
from codepipeline_sandbox.codepipeline import Act, script
from codepipeline_sandbox.pipelines import SOURCE_STAGE
from playground.company import REGION, SECOND, Action, Company

if TYPE_CHECKING:
    from mypy_boto3_codepipeline import CodePipelineClient

ACTION = "Follow"  # the invoking action's name
BETWEEN = 60.0  # seconds between two earlier executions


def target(wait: Wait) -> str:
    """The name of the target pipeline."""
    return f"target-{wait.number}"


def invoking(wait: Wait) -> str:
    """The name of the invoking pipeline."""
    return f"release-{wait.number}"


def add(company: Company, wait: Wait, *, native: bool) -> None:
    """Create both pipelines of a wait.

    If the wait is native, its action is a Step Functions action.
    """
    passages = [*wait.earlier, wait.target]
    checkout = SOURCE_STAGE["actions"][0]["name"]
    script(SECOND, REGION, target(wait), SOURCE, checkout, _acts(passages, SOURCE))
    stages = {name: [_action(name, _acts(passages, name))] for name in wait.pipeline.stages[1:]}
    company.add_pipeline(target(wait), stages, account=SECOND)
    asked = {"pipelineName": target(wait), "roleArn": company.target_roles[SECOND]}
    action = _native(company, asked) if native else company.waiting_action(ACTION, asked)
    company.add_pipeline(invoking(wait), {"Wait": [action]})


def _native(company: Company, asked: Mapping[str, str]) -> Action:
    configuration = {
        "StateMachineArn": company.state_machine,
        "InputType": "Literal",
        "Input": json.dumps(asked),
    }
    return Action(ACTION, provider="StepFunctions", configuration=configuration)


def run_earlier(company: Company, waits: Sequence[Wait]) -> None:
    """Run each target's earlier executions one after another."""
    client = company.codepipeline(SECOND)
    for wait in waits:
        for begin in _begins(wait):
            start_after(company, begin, target(wait), client)
    company.cloud.world.run()


def start_after(company: Company, seconds: float, name: str, client: CodePipelineClient) -> None:
    """Start a pipeline after this many seconds."""

    def start() -> None:
        client.start_pipeline_execution(name=name)

    company.cloud.world.after(seconds, start)


def _begins(wait: Wait) -> Iterator[float]:
    lengths = (passage.duration + BETWEEN for passage in wait.earlier[:-1])
    return itertools.accumulate(lengths, initial=0.0) if wait.earlier else iter(())


def _acts(passages: Sequence[Passage], stage: str) -> list[Act]:
    return [
        Act(seconds, "Failed" if passage.failed and name == passage.steps[-1][0] else "Succeeded")
        for passage in passages
        for name, seconds in passage.steps
        if name == stage
    ]


def _action(stage: str, acts: Sequence[Act]) -> Action:
    provider = "Manual" if stage == APPROVAL else "CodeBuild"
    # Even an action that no execution reaches needs one result.
    return Action(stage, acts or (Act(),), provider)
