"""Builds the report at the end of the demonstration, with the messages of actions and runs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from playground.chronicle import clock, run_name
from playground.demo.scene import RELEASE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from playground.company import Company
    from playground.demo.story import Ending, Shown


@dataclass(frozen=True)
class Message:
    """The labels and texts of an action or a run."""

    title: str
    texts: Sequence[tuple[str, str]]


def messages(company: Company, ending: Ending) -> list[Message]:
    """Describe invoke actions as CodePipeline shows them, and other runs as Step Functions does."""
    return [
        *(_of_action(when, shown) for when, shown in ending.shown.items()),
        _of_run(company, ending.scheduled_run, "started by the schedule"),
        _of_run(company, ending.direct_run, "started directly"),
    ]


def _of_action(when: str, shown: Shown) -> Message:
    action = shown.action
    name, _, moment = when.partition(" ")
    result = action["output"]["executionResult"]
    error = result.get("errorDetails", {})
    texts = [
        ("UserParameters", action["input"]["configuration"]["UserParameters"].strip()),
        ("Status", action["status"]),
        ("Summary", "" if error else result.get("externalExecutionSummary", "")),
        ("Error code", error.get("code", "")),
        ("Error message", error.get("message", "")),
        ("Output variables", _lines(action["output"]["outputVariables"])),
    ]
    title = f"{RELEASE}: action {name} in stage {action['stageName']}, {moment}"
    return Message(f"{title} ({clock(shown.time)})", [text for text in texts if text[1]])


def _of_run(company: Company, arn: str, which: str) -> Message:
    run = company.stepfunctions().describe_execution(executionArn=arn)
    result = json.loads(run["output"]) if "output" in run else {}
    texts = [
        ("Input", run["input"]),
        ("Status", run["status"]),
        ("Message", result.get("message", run.get("cause", ""))),
        ("Target execution", str(result.get("pipelineExecutionId", ""))),
    ]
    return Message(f"{run_name(arn)}, {which}", [text for text in texts if text[1]])


def _lines(variables: dict[str, Any]) -> str:
    return "\n".join(f"{name} = {value}" for name, value in variables.items())
