"""The deployed product in the sandbox: Lambda actions of invoking pipelines wait for targets."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

from benchmarks.waiting import pipelines
from benchmarks.waiting.measured import Answered, Measured
from benchmarks.waiting.meter import Meter
from benchmarks.waiting.worlds import Wait
from sandbox.cloud import Cloud
from sandbox.company import REGION, SECOND, TOOLS, Company

TOGETHER = 25  # waits in one cloud, which share warm containers as in real life
WITHIN = 3 * 3600.0  # seconds in which they begin


def follow(waits: Sequence[Wait], seed: int) -> Measured:
    """What the product does on these waits, which share one deployment."""
    with Cloud(seed=seed) as cloud:
        company = Company(cloud, targets=(SECOND,))
        for wait in waits:
            pipelines.add(company, wait)
        pipelines.let_earlier_ones_happen(company, waits)
        meter, somebody = Meter(cloud), company.codepipeline()
        for wait in waits:
            begin = cloud.world.random.uniform(0, WITHIN)
            pipelines.start_after(company, begin, pipelines.invoking(wait), somebody)
        cloud.world.run()
        runs = _runs()
        answers = [_answered(meter, wait, runs[pipelines.target(wait)]) for wait in waits]
        return Measured(answers, meter.calls, meter.invocations)


def _runs() -> dict[str, Any]:
    """The executions of the state machine by their targets' names."""
    # moto is slow to import, and only a sandbox that is up needs it.
    from sandbox.stepfunctions.models import stepfunctions_backends  # noqa: PLC0415

    executions = stepfunctions_backends[TOOLS][REGION].executions.values()
    return {json.loads(each.input)["input"]["pipelineName"]: each for each in executions}


def _answered(meter: Meter, wait: Wait, run: Any) -> Answered:
    end, succeeded = meter.ends[pipelines.target(wait), None]
    answer, said = meter.ends[pipelines.invoking(wait), pipelines.ACTION]
    events = run.history.events
    kinds = Counter(event.type for event in events)
    entered = sum(count for kind, count in kinds.items() if kind.endswith("StateEntered"))
    retries = kinds["TaskScheduled"] - kinds["TaskStateEntered"]
    looks = [each for each in events if each.type == "TaskStateEntered"]
    return Answered(
        delay=answer - end,
        polls=sum(each.details["name"] == "GetState" for each in looks),
        transitions=entered + retries,
        events=len(events),
        right=said == succeeded,
        failed=wait.target.failed,
    )
