"""Model the stages that GetPipelineState returns, for the peer that reads only stages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from benchmarks.waiting.worlds import Passage, Wait
from playground.outcomes.waiter_rule import judge


def waiter_says(wait: Wait, time: float) -> Literal["success", "failure", "crash", "waits"]:
    """Determine what the waiter concludes this many seconds after the target's start."""
    return judge(list(stage_states(wait, time))).says


def truth(wait: Wait, time: float) -> Literal["success", "failure", "waits"]:
    """Determine the actual status of the target at this time."""
    if time < wait.target.duration:
        return "waits"
    return "failure" if wait.target.failed else "success"


def stage_states(wait: Wait, time: float) -> Iterator[Mapping[str, Any]]:
    """Yield the stages with their latest executions, as GetPipelineState returns them."""
    shown = dict(_of_earlier_ones(wait)) | dict(_of_the_target(wait.target, time))
    for name in wait.pipeline.stages:
        latest = {"latestExecution": shown[name]} if name in shown else {}
        yield {"stageName": name, **latest}


def _of_earlier_ones(wait: Wait) -> Iterator[tuple[str, Mapping[str, str]]]:
    for number, passage in enumerate(wait.earlier):
        yield from _of(passage, f"earlier-{number}")


def _of_the_target(target: Passage, time: float) -> Iterator[tuple[str, Mapping[str, str]]]:
    begin = 0.0
    for (name, latest), (_, seconds) in zip(_of(target, "target"), target.steps, strict=True):
        if begin > time:
            return
        begin += seconds
        yield name, latest if begin <= time else {**latest, "status": "InProgress"}


def _of(passage: Passage, execution: str) -> Iterator[tuple[str, Mapping[str, str]]]:
    last = passage.steps[-1][0]
    for name, _ in passage.steps:
        status = "Failed" if passage.failed and name == last else "Succeeded"
        yield name, {"pipelineExecutionId": execution, "status": status}
