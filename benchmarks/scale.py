"""Measure a thousand concurrent runs in one world and their AWS calls: `make bench-scale`.

Each run has its own invoking pipeline and its own target. The target takes 20 minutes and has run
a few times before. All runs start within a minute, so they overlap for 19 minutes, and events from
their targets wake them.

A second measurement without events uses only a hundred runs, because runs do not affect each
other.
"""

from __future__ import annotations

import argparse
import gc
import json
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import machine
from benchmarks.limits import Figure, report
from codepipeline_sandbox.cloud import Cloud
from codepipeline_sandbox.codepipeline import Act
from codepipeline_sandbox.faults import names
from playground.company import SECOND, TOOLS, Action, Company

if TYPE_CHECKING:
    from codepipeline_sandbox.kernel.protocols import Call

RESULT = Path(__file__).parent / "results" / "scale.json"
MINUTES = 20
POLLING = 100  # the number of runs in the measurement without events
EARLIER = (18, 22, 19, 21, 20)  # how many minutes the earlier executions of a target took
_RETRIES = {"TaskFailed", "TaskTimedOut", "LambdaFunctionFailed", "LambdaFunctionTimedOut"}


@dataclass
class Counts:
    """Counts what the runs did. AWS calls are counted as `service:Operation`."""

    calls: Counter[str] = field(default_factory=Counter)
    invocations: Counter[str] = field(default_factory=Counter)
    transitions: int = 0
    most_events: int = 0  # the most events in the history of a run
    wrong: int = 0  # how many actions failed although their target succeeded

    def call(self, call: Call, proceed: Callable[[], Any]) -> Any:
        """Count one attempt of an AWS call. The cloud runs this method as an interceptor."""
        self.calls[f"{names.by_service_id(call.service)}:{call.operation}"] += 1
        return proceed()


def main() -> int:
    """Measure, print the table, write the result, and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, prog="make bench-scale")
    parser.add_argument(
        "--runs", type=int, default=1_000, help="how many runs; the committed result has 1,000"
    )
    parser.add_argument(
        "--earlier",
        type=int,
        choices=range(len(EARLIER) + 1),
        default=len(EARLIER),
        help="how many times each target has run before",
    )
    parser.add_argument(
        "--within", type=float, default=60, help="seconds within which the runs begin"
    )
    parser.add_argument(
        "--write", action="store_true", help="write the result even with fewer runs"
    )
    options = parser.parse_args()
    # Nearly every object in a world stays alive, so frequent garbage collection only costs time.
    gc.set_threshold(20_000, 20, 50)
    earlier = EARLIER[: options.earlier]
    # The peak memory of a process never falls, so the runs with a memory limit come first.
    woken = played(options.runs, options.within, earlier, events=True)
    polling = played(min(options.runs, POLLING), options.within, earlier, events=False)
    whole = options.runs == parser.get_default("runs") and options.earlier == len(EARLIER)
    if options.write or whole:
        RESULT.write_text(json.dumps([woken, polling], indent=2) + "\n", encoding="utf-8")
    for result in (woken, polling):
        sys.stdout.write(f"{result['policy']}, {result['runs']:,} runs, per waited hour:\n")
        for name in ("aws_calls", "lambda_invocations", "state_transitions"):
            sys.stdout.write(f"{name:20} {result[f'{name}_per_hour']:8.1f}\n")
    runs = f"{options.runs:,} runs of {MINUTES} minutes"
    wrong = woken["wrong_outcomes"] + polling["wrong_outcomes"]
    return report(
        [
            Figure(f"{runs}: real time", woken["real_s"], 300, "s"),
            Figure(f"{runs}: memory", woken["peak_mb"], 1_000, "MB"),
            Figure("wrong outcomes", wrong, 1, ""),
        ]
    )


def played(runs: int, within: float, earlier: Sequence[float], *, events: bool) -> dict[str, Any]:
    """Play this many concurrent runs and make their result row."""
    counts, seconds = measure(runs, within, earlier, events=events)
    kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    megabytes = kilobytes / (1_000_000 if sys.platform == "darwin" else 1_000)
    return row(counts, runs, seconds=seconds, megabytes=megabytes, events=events)


def measure(
    runs: int, within: float, earlier: Sequence[float] = EARLIER, *, events: bool
) -> tuple[Counts, float]:
    """Play this many concurrent runs, and return their counts and the real seconds they took."""
    counts = Counts()
    senders = {"EventSenders": SECOND} if events else {}
    with Cloud(seed=1, max_events=None) as cloud:  # no limit on the number of runs
        company = Company(cloud, targets=[SECOND], **senders)
        for number in range(runs):
            _add(company, number, [*earlier, MINUTES])
        for _ in earlier:
            _run_all(company, [f"deploy-{number}" for number in range(runs)], SECOND, within)
        cloud.interceptors.append(counts.call)
        begin = time.perf_counter()
        _run_all(company, [f"release-{number}" for number in range(runs)], TOOLS, within)
        seconds = time.perf_counter() - begin
        _count(company, counts, runs)
    return counts, seconds


def _run_all(company: Company, pipelines: Sequence[str], account: str, within: float) -> None:
    world = company.cloud.world
    first = world.now
    for number, pipeline in enumerate(pipelines):
        world.run(until=first + within * number / len(pipelines))
        company.start(pipeline, account=account)
    world.run()


def row(
    counts: Counts, runs: int, *, seconds: float, megabytes: float, events: bool
) -> dict[str, Any]:
    """Make the result row, with rates per waited hour."""
    hours = runs * MINUTES / 60

    def rates(count: Mapping[str, int]) -> dict[str, float]:
        return {name: round(times / hours, 2) for name, times in sorted(count.items())}

    return {
        "policy": "orchestrator" if events else "orchestrator-polls",
        "world": "scale",
        "runs": runs,
        "minutes": MINUTES,
        "real_s": round(seconds, 1),
        "peak_mb": round(megabytes),
        "wrong_outcomes": counts.wrong,
        "aws_calls_per_hour": round(counts.calls.total() / hours, 2),
        "lambda_invocations_per_hour": round(counts.invocations.total() / hours, 2),
        "state_transitions_per_hour": round(counts.transitions / hours, 2),
        "max_history_events": counts.most_events,
        "calls_per_hour": rates(counts.calls),
        "invocations_per_hour": rates(counts.invocations),
        "machine": machine.description(),
    }


def _add(company: Company, number: int, minutes: Sequence[float]) -> None:
    target = f"deploy-{number}"
    acts = [Act(each * 60) for each in minutes]
    company.add_pipeline(target, {"Deploy": [Action("Roll", acts)]}, account=SECOND)
    asked = {"pipelineName": target, "roleArn": company.target_roles[SECOND]}
    waiting = company.waiting_action("Wait", asked)
    company.add_pipeline(f"release-{number}", {"Deploy": [waiting]})


def _count(company: Company, counts: Counts, runs: int) -> None:
    functions = company.cloud.functions
    counts.invocations.update(
        line.function_arn.split("-")[-2].removesuffix("Function")
        for line in functions.log_lines
        if line.text.startswith("START RequestId")
    )
    actions = [company.action(f"release-{number}", "Wait") for number in range(runs)]
    counts.wrong = sum(action["status"] != "Succeeded" for action in actions)
    stepfunctions = company.stepfunctions()
    histories = stepfunctions.get_paginator("get_execution_history")
    executions = stepfunctions.get_paginator("list_executions")
    for page in executions.paginate(stateMachineArn=company.state_machine):
        for execution in page["executions"]:
            pages = histories.paginate(executionArn=execution["executionArn"])
            types = [event["type"] for each in pages for event in each["events"]]
            # https://docs.aws.amazon.com/step-functions/latest/dg/concepts-transitions.html
            counts.transitions += sum(
                type_.endswith("StateEntered") or type_ in _RETRIES for type_ in types
            )
            counts.most_events = max(counts.most_events, len(types))


if __name__ == "__main__":
    raise SystemExit(main())
