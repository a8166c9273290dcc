"""Play waits with the product deployed in the sandbox."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.waiting import pipelines
from benchmarks.waiting.measured import Answered, Measured
from benchmarks.waiting.meter import Meter
from benchmarks.waiting.products import Product
from benchmarks.waiting.worlds import Wait
from codepipeline_sandbox.cloud import Cloud
from playground.company import REGION, SECOND, TOOLS, Company

TOGETHER = 25  # the number of waits in one cloud, where they share warm containers
WITHIN = 3 * 3600.0  # All waits of a cloud begin within this many seconds.
_ENDS = frozenset({"SUCCEEDED", "FAILED", "STOPPED", "SUPERSEDED", "CANCELED"})


def follow(product: Product, waits: Sequence[Wait], seed: int) -> Measured:
    """Play these waits in one deployment and return the results."""
    with Cloud(seed=seed) as cloud:
        company = _company(cloud, product)
        for wait in waits:
            pipelines.add(company, wait, native=product.native)
        pipelines.run_earlier(company, waits)
        lose_ends(cloud, {pipelines.target(wait) for wait in waits if product.loses(wait)})
        meter, client = Meter(cloud), company.codepipeline()
        for wait in waits:
            begin = cloud.world.random.uniform(0, WITHIN)
            pipelines.start_after(company, begin, pipelines.invoking(wait), client)
        cloud.world.run()
        runs = _runs()
        answers = [_answered(meter, wait, runs[pipelines.target(wait)]) for wait in waits]
        return Measured(answers, meter.calls, meter.invocations, meter.billed)


def lose_ends(cloud: Cloud, names: set[str]) -> None:
    """Drop every event that announces the end of an execution of these pipelines."""
    take = cloud.events.take

    def take_others(bus_arn: str, event: Mapping[str, Any], **more: Any) -> None:
        detail = event["detail"]
        is_of_pipeline = event["detail-type"] == "CodePipeline Pipeline Execution State Change"
        if is_of_pipeline and detail["pipeline"] in names and detail["state"] in _ENDS:
            return
        take(bus_arn, event, **more)

    cloud.events.take = take_others  # type: ignore[method-assign]


def _company(cloud: Cloud, product: Product) -> Company:
    senders = {"EventSenders": SECOND} if product.events else {}
    return Company(cloud, targets=(SECOND,), **senders)


def _runs() -> dict[str, Any]:
    # Importing moto is slow, and only a running sandbox needs it.
    from codepipeline_sandbox.stepfunctions.models import stepfunctions_backends  # noqa: PLC0415

    executions = stepfunctions_backends[TOOLS][REGION].executions.values()
    return {_target(json.loads(each.input)): each for each in executions}


def _target(document: Mapping[str, Any]) -> str:
    """The target's name, from a plain input or from one that codepipeline_job wrapped."""
    name: str = document.get("input", document)["pipelineName"]
    return name


def _answered(meter: Meter, wait: Wait, run: Any) -> Answered:
    end, succeeded = meter.ends[pipelines.target(wait), None]
    answer, reported = meter.ends[pipelines.invoking(wait), pipelines.ACTION]
    events = run.history.events
    kinds = Counter(event.type for event in events)
    entered = sum(count for kind, count in kinds.items() if kind.endswith("StateEntered"))
    retries = kinds["TaskScheduled"] - kinds["TaskStateEntered"]
    tasks = [each for each in events if each.type == "TaskStateEntered"]
    return Answered(
        delay=answer - end,
        polls=sum(each.details["name"] == "GetState" for each in tasks),
        transitions=entered + retries,
        events=len(events),
        right=reported == succeeded,
        failed=wait.target.failed,
    )
