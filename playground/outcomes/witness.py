"""Plays a scenario and collects the answers, the executions and the waiter's verdict."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playground.outcomes import waiter
from playground.outcomes.waiter import Waiter
from playground.scenarios.loading import find
from playground.scenarios.play import Play, cloud_for, play

if TYPE_CHECKING:
    from playground.company import Company
    from playground.scenarios.model import PipelineKey, Run, Scenario


@dataclass(frozen=True)
class Visit:
    """A state that a run visited, and the status of the target at that time."""

    state: str
    status: str | None = None
    # what the target was waiting for: approval, transition, behind, actions
    where: str | None = None

    def __str__(self) -> str:
        """Format the visit for a path."""
        return " ".join(part for part in (self.state, self.status, self.where) if part)


@dataclass(frozen=True)
class Answer:
    """The product's answer to one caller."""

    asked: Mapping[str, Any]  # the caller's input
    visits: tuple[Visit, ...] = ()
    status: str | None = None  # None if the run never began
    result: Mapping[str, Any] | None = None
    action: Mapping[str, Any] | None = None  # the invoking action, as ListActionExecutions shows it


@dataclass(frozen=True)
class Played:
    """A scenario after it was played, with the results."""

    scenario: Scenario
    answers: list[Answer]
    numbers: Mapping[str, str]  # the names of the executions (#1, #2) by ID
    statuses: Mapping[str, str]  # the target's executions at the end, oldest first
    waiter: Waiter | None  # None if the waiter does not support the input
    problems: list[str]  # the scenario's steps that could not be performed


def witness(path: Path) -> Played:
    """Play the scenario in a file to its end."""
    scenario = find(str(path))
    with cloud_for(scenario) as cloud:
        playing = play(scenario, cloud)
        assert playing.company is not None  # every row describes at least one run
        asked, target = _asked(scenario)
        follower = None
        if waiter.knows(asked):
            follower = Waiter(playing, target, triggers=waiter.triggers(asked))
        until = None if scenario.lasts is None else playing.began + scenario.lasts
        cloud.world.run(until=until)
        return Played(
            scenario,
            answers=_answers(playing, playing.company),
            numbers=_numbers(playing),
            statuses=_statuses(playing, target),
            waiter=follower,
            problems=[*playing.refused, *playing.missed],
        )


def _asked(scenario: Scenario) -> tuple[Mapping[str, Any], PipelineKey]:
    first = scenario.runs[0]
    document = _document(first)
    name = document.get("pipelineName") or document.get("targetname")
    keys = [pipeline.key for pipeline in scenario.pipelines]
    return document, first.target or next(key for key in keys if key.name == name)


def _document(run: Run) -> Mapping[str, Any]:
    lines = (line.partition(" #")[0] for line in run.text.splitlines())
    document: Mapping[str, Any] = json.loads("\n".join(lines))
    return document


def _answers(playing: Play, company: Company) -> list[Answer]:
    stepfunctions = company.stepfunctions()
    listed = stepfunctions.list_executions(stateMachineArn=company.state_machine)["executions"]
    # The list is newest first, but runs that began at the same time have no defined order.
    actions = list(_actions(playing, company))
    answers = []
    for summary in sorted(listed, key=lambda each: (each["startDate"], each["name"])):
        arn = summary["executionArn"]
        run: Any = stepfunctions.describe_execution(executionArn=arn)
        document = json.loads(run["input"])
        action = actions.pop(0) if "job" in document and actions else None
        # Anyone who stops a run can write any cause.
        end = "null" if run["status"] == "ABORTED" else run.get("output") or run["cause"]
        asked = document["input"] if "job" in document else document
        visits = tuple(_visits(stepfunctions, arn))
        answers.append(Answer(asked, visits, run["status"], json.loads(end), action))
    return [*answers, *(Answer({}, action=each) for each in actions)]


def _actions(playing: Play, company: Company) -> Iterator[Mapping[str, Any]]:
    found = []
    for pipeline in playing.scenario.pipelines:
        client = company.codepipeline(pipeline.key.account, pipeline.key.region)
        for stage, name in pipeline.runs:
            pages = client.get_paginator("list_action_executions").paginate(
                pipelineName=pipeline.key.name
            )
            found += [
                each
                for page in pages
                for each in page["actionExecutionDetails"]
                if (each["stageName"], each["actionName"]) == (stage, name)
            ]
    yield from sorted(found, key=lambda each: each["startTime"])


def _visits(stepfunctions: Any, arn: str) -> Iterator[Visit]:
    pages = stepfunctions.get_paginator("get_execution_history").paginate(executionArn=arn)
    for page in pages:
        for event in page["events"]:
            if event["type"] != "TaskStateExited":
                continue
            exited = event["stateExitedEventDetails"]
            output = json.loads(exited["output"])
            memory = (output or {}).get("changes", {}).get("memory") or {}
            snapshot = (output or {}).get("snapshot") or {}
            progress = memory.get("progress") or {}
            waiting = snapshot and "pipelineExecutionId" not in snapshot
            status = "not idle" if waiting else memory.get("status")
            # After the target has ended, `memory` still contains its last progress.
            going = status == "InProgress"
            kind = next((each for each in _WAITS if each in progress and going), None)
            yield Visit(exited["name"], status, kind)


_WAITS = ("approval", "transition", "behind")


def _numbers(playing: Play) -> dict[str, str]:
    return {
        execution: f"#{number}"
        for executions in playing.executions.values()
        for number, execution in enumerate(executions, start=1)
    }


def _statuses(playing: Play, target: PipelineKey) -> dict[str, str]:
    client = playing.cloud.session(target.account, target.region).client("codepipeline")
    try:
        pages = client.get_paginator("list_pipeline_executions").paginate(pipelineName=target.name)
        listed = [each for page in pages for each in page["pipelineExecutionSummaries"]]
    except client.exceptions.PipelineNotFoundException:
        return {}
    return {each["pipelineExecutionId"]: each["status"] for each in reversed(listed)}
