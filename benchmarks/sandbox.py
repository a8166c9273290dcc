"""Measure the sandbox's speed and memory: `make speed`.

The result is the fastest of several rounds in real time, because other load on the machine can
only slow a round down.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import resource
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from typing import TYPE_CHECKING, Any

from benchmarks.limits import Figure, report
from codepipeline_sandbox.cloud import Cloud
from codepipeline_sandbox.codepipeline import Act
from playground.company import REGION, SECOND, TOOLS, Action, Company

if TYPE_CHECKING:
    from collections.abc import Callable

STAGES, ACTIONS = 5, 4  # 20 actions, four in parallel in each stage
POLLS = 20  # per round


def main() -> int:
    """Measure, print the table, and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, prog="make speed")
    parser.add_argument(
        "--rounds", type=int, default=30, help="how many rounds to run; the fastest one counts"
    )
    parser.add_argument(
        "--executions", type=int, default=1_000, help="how many executions to run in one world"
    )
    options = parser.parse_args()
    return report(
        [
            Figure(
                "execution of 5 stages and 20 actions", run_milliseconds(options.rounds), 10, "ms"
            ),
            Figure("poll with its AWS call", poll_milliseconds(options.rounds), 10, "ms"),
            Figure(
                f"{options.executions:,} executions in one world",
                in_a_process_of_its_own(megabytes, options.executions),
                500,
                "MB",
            ),
        ]
    )


def run_milliseconds(rounds: int) -> float:
    """Time one execution, from its start to the end of its last action."""
    with Cloud(seed=1) as cloud:
        codepipeline = _pipeline(cloud)
        return best(rounds, lambda: _run(cloud, codepipeline))


def poll_milliseconds(rounds: int) -> float:
    """Time one poll of a target in progress, in a warm container."""
    with Cloud(seed=1) as cloud:
        company = Company(cloud)
        company.add_pipeline("deploy", {"Go": [Action("Roll", [Act(86_000)])]}, account=SECOND)
        function, payload = _first_poll(company)

        def poll() -> None:
            for _ in range(POLLS):
                done = cloud.world.result_of(cloud.functions.invoke(function, payload))
                assert json.loads(done.payload)["ended"] is False, done.payload

        return best(rounds, poll) / POLLS


def megabytes(executions: int) -> float:
    """Measure the peak memory of a process that runs this many executions in one world."""
    with Cloud(seed=1) as cloud:
        codepipeline = _pipeline(cloud)
        for _ in range(executions):
            _run(cloud, codepipeline)
    kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return kilobytes / (1_000_000 if sys.platform == "darwin" else 1_000)


def best(rounds: int, measured: Callable[[], object]) -> float:
    """Measure the milliseconds of the fastest of several rounds, after a warm-up round."""
    measured()
    times = []
    for _ in range(rounds):
        begin = time.perf_counter()
        measured()
        times.append(time.perf_counter() - begin)
    return min(times) * 1_000


def in_a_process_of_its_own(function: Callable[[int], float], argument: int) -> float:
    """Call the function in a new process and return its result."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        return pool.submit(function, argument).result()


def _pipeline(cloud: Cloud) -> Any:
    session = cloud.session(TOOLS, REGION)
    trust = {"Effect": "Allow", "Principal": {"Service": "codepipeline.amazonaws.com"}}
    role = session.client("iam").create_role(
        RoleName="pipeline",
        AssumeRolePolicyDocument=json.dumps(
            {"Version": "2012-10-17", "Statement": [{**trust, "Action": "sts:AssumeRole"}]}
        ),
    )
    codepipeline = session.client("codepipeline")
    codepipeline.create_pipeline(
        pipeline={
            "name": "release",
            "roleArn": role["Role"]["Arn"],
            "artifactStore": {"type": "S3", "location": "artifacts"},
            "pipelineType": "V2",
            "stages": [_stage(number) for number in range(STAGES)],
        }
    )
    return codepipeline


def _stage(number: int) -> Any:
    names = [f"Action{number}{letter}" for letter in "ABCD"[:ACTIONS]]
    return {
        "name": f"Stage{number}",
        "actions": [_source(name) if number == 0 else _build(name) for name in names],
    }


def _source(name: str) -> Any:
    return {
        "name": name,
        "actionTypeId": _type_id("Source", "CodeCommit"),
        "configuration": {"RepositoryName": name, "BranchName": "main"},
        "outputArtifacts": [{"name": name}],
    }


def _build(name: str) -> Any:
    return {
        "name": name,
        "actionTypeId": _type_id("Build", "CodeBuild"),
        "configuration": {"ProjectName": name},
        "inputArtifacts": [{"name": "Action0A"}],
    }


def _type_id(category: str, provider: str) -> dict[str, str]:
    return {"category": category, "owner": "AWS", "provider": provider, "version": "1"}


def _run(cloud: Cloud, codepipeline: Any) -> None:
    codepipeline.start_pipeline_execution(name="release")
    cloud.world.run()


def _first_poll(company: Company) -> tuple[str, str]:
    stepfunctions = company.stepfunctions()
    asked = {"pipelineName": "deploy", "roleArn": company.target_roles[SECOND]}
    run = stepfunctions.start_execution(
        stateMachineArn=company.state_machine, input=json.dumps(asked)
    )
    function = company.stack.resource("GetStateFunction")
    world = company.cloud.world
    world.run(until=world.now + 300)
    history = stepfunctions.get_execution_history(executionArn=run["executionArn"])
    tasks = [
        json.loads(event["taskScheduledEventDetails"]["parameters"])
        for event in history["events"]
        if event["type"] == "TaskScheduled"
    ]
    task = next(task for task in reversed(tasks) if function in task["FunctionName"])
    return task["FunctionName"], json.dumps(task["Payload"])


if __name__ == "__main__":
    raise SystemExit(main())
