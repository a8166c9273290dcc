from __future__ import annotations

import json

from codepipeline_sandbox.codepipeline import Act
from codepipeline_sandbox.faults import CallFault
from playground.company import REGION, TOOLS
from tests.statemachine.reading import runs_of


def lines(cloud):
    return [
        json.loads(line.text)
        for line in cloud.functions.log_lines
        if line.text.startswith('{"level"')
    ]


def metrics(cloud):
    return [
        json.loads(line.text)
        for line in cloud.functions.log_lines
        if line.text.startswith('{"_aws"')
    ]


def test_every_log_line_of_a_run_has_its_name(cloud, company, target, world):
    document = target(Act(60, "Failed"))
    company.add_pipeline("release", {"Go": [company.waiting_action("Wait", document)]})
    company.start("release")
    world.run()

    (run,) = runs_of(company)
    assert len(lines(cloud)) > 10
    assert {line["run"] for line in lines(cloud)} == {run["name"]}


def test_a_warm_container_does_not_keep_the_name_of_the_last_run(
    cloud, company, target, run, world
):
    run(target(Act(10)))
    (first,) = [line for line in lines(cloud) if line["message"] == "assumed the target's role"]

    # The same container receives an event that names no run.
    function = company.stack.resource("AssumeRoleFunction")
    cloud.session(TOOLS, REGION).client("lambda").invoke(
        FunctionName=function, InvocationType="Event", Payload=b"{}"
    )
    world.run()

    later = [
        line
        for line in lines(cloud)
        if line["function_name"] == function and line["timestamp"] > first["timestamp"]
    ]
    assert later
    assert not any(line["cold_start"] for line in later)
    assert [line["run"] for line in later if "run" in line] == []


def test_runs_and_their_outcomes_are_counted(cloud, target, run):
    run(target(Act(10)))
    run(target(Act(10, "Failed"), name="bad"))
    run({"pipelinName": "deploy"})

    assert sum(metric.get("RunsStarted", [0])[0] for metric in metrics(cloud)) == 3
    assert sorted(metric["Outcome"] for metric in metrics(cloud) if "RunsEnded" in metric) == [
        "Error",
        "Failed",
        "Succeeded",
    ]


def test_a_run_is_counted_once_however_many_times_its_role_is_requested(cloud, target, run):
    # The function dies twice after its AssumeRole call.
    cloud.faults.add(CallFault("killed-after", "sts:AssumeRole", function="*AssumeRole*", times=2))

    described = run(target(Act(10)))

    assert described["status"] == "SUCCEEDED"
    assert len([strike for strike in cloud.faults.log if strike.kind == "killed-after"]) == 2
    assert [metric["RunsStarted"] for metric in metrics(cloud) if "RunsStarted" in metric] == [[1]]
