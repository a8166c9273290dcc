"""What people use the orchestrator for. Each use has one test."""

from __future__ import annotations

import json

import pytest

from codepipeline_sandbox.codepipeline import Act
from playground.company import REGION, SECOND, THIRD, TOOLS, Action
from tests.statemachine.operating import start_run, throttle
from tests.statemachine.permissions import create_service_role, put_role_policy
from tests.statemachine.reading import executions, result, runs_of

HOUR = 3_600
DAY = 24 * HOUR
WAITER = """\
{
"targetname":"deploy", #Required
"assumerolearn":"arn:aws:iam::222233334444:role/codepipeline-orchestrator-target", #Required
"trigger": true #Optional. Defaults to false
}
"""


def stages_of(company, name, account=TOOLS):
    """Return the latest status of each stage, or None for a stage that has never run."""
    state = company.codepipeline(account).get_pipeline_state(name=name)
    return {
        each["stageName"]: each.get("latestExecution", {}).get("status")
        for each in state["stageStates"]
    }


@pytest.mark.parametrize(
    "ending, deployed", [("Succeeded", "Succeeded"), ("Failed", None)], ids=["good", "bad"]
)
def test_make_one_pipeline_depend_on_another(company, target, world, ending, deployed):
    # The application may be deployed only after the network has been deployed successfully.
    network = target(Act(10 * 60, ending), name="network")
    company.add_pipeline(
        "application",
        {"Network": [company.waiting_action("Wait", network)], "Deploy": [Action("Rollout")]},
    )

    company.start("application")
    world.run()

    stages = stages_of(company, "application")
    assert (stages["Network"], stages["Deploy"]) == (ending, deployed)


def test_drive_child_pipelines_from_a_parent(company, target, world):
    # The parent runs pipelines in two other accounts in parallel, and then one in its own account.
    europe = target(Act(600), name="europe")
    america = target(Act(900), name="america", account=THIRD)
    company.add_pipeline("local", {"Deploy": [Action("Rollout", [Act(60)])]})
    last = company.waiting_action("Last", {"pipelineName": "local"})
    company.add_pipeline(
        "parent",
        {
            "Remote": [
                company.waiting_action("Europe", europe),
                company.waiting_action("America", america),
            ],
            "Local": [last],
        },
    )

    company.start("parent")
    world.run()

    children = [
        executions(company, name, account)
        for name, account in (("europe", SECOND), ("america", THIRD), ("local", TOOLS))
    ]
    assert [[each["status"] for each in one] for one in children] == [["Succeeded"]] * 3
    (first,), (second,), (third,) = children
    assert third["startTime"] > max(first["lastUpdateTime"], second["lastUpdateTime"])
    assert stages_of(company, "parent")["Local"] == "Succeeded"


@pytest.mark.long
def test_wait_longer_than_a_lambda_action_with_the_step_functions_action(company, target, world):
    # The target takes 25 hours. CodePipeline ends a Lambda action after 24 hours.
    run_input = target(Act(25 * HOUR))
    action = Action(
        "Run",
        provider="StepFunctions",
        configuration={
            "StateMachineArn": company.state_machine,
            "InputType": "Literal",
            "Input": json.dumps(run_input),
        },
    )
    company.add_pipeline("release", {"Go": [action]})

    # Most polls are throttled to keep this test short.
    company.start("release")
    world.run(until=world.now + HOUR)
    throttle(company, "GetStateFunction", 0)
    world.run(until=world.now + 23 * HOUR)
    throttle(company, "GetStateFunction", 10)
    world.run()

    (execution,) = executions(company)
    assert execution["status"] == "Succeeded"
    assert company.action("release", "Run")["status"] == "Succeeded"


def test_wait_for_ten_days_with_a_direct_run(company, target, world):
    document = {**target(Act(10 * DAY)), "timeoutMinutes": 14 * 24 * 60}
    stepfunctions = company.stepfunctions()
    arn = start_run(company, document)

    # Most polls are throttled to keep this test short.
    world.run(until=world.now + HOUR)
    throttle(company, "GetStateFunction", 0)
    world.run(until=world.now + 10 * DAY - 2 * HOUR)
    throttle(company, "GetStateFunction", 10)
    world.run()

    described = stepfunctions.describe_execution(executionArn=arn)
    assert described["status"] == "SUCCEEDED"
    assert result(described)["durationSeconds"] >= 10 * DAY
    events = stepfunctions.get_execution_history(executionArn=arn, reverseOrder=True, maxResults=1)[
        "events"
    ]
    assert events[0]["id"] < 15_000


def test_hold_a_change_back_while_a_pipeline_runs(company, target, world):
    database = target(Act(HOUR, "Failed"), name="database")
    company.start("database", account=SECOND)
    company.add_pipeline(
        "change",
        {
            "Hold": [company.waiting_action("Wait", {**database, "mode": "idle"})],
            "Deploy": [Action("Rollout")],
        },
    )

    company.start("change")
    world.run(until=world.now + HOUR - 60)
    held = stages_of(company, "change")
    summary = company.action("change", "Wait")["output"]["executionResult"]
    world.run()

    # The change continues although the database pipeline failed.
    (running,) = executions(company, "database")
    assert (held["Hold"], held["Deploy"]) == ("InProgress", None)
    assert running["pipelineExecutionId"] in summary["externalExecutionSummary"]
    (change,) = executions(company, "change", TOOLS)
    assert change["status"] == "Succeeded"
    late = change["lastUpdateTime"] - running["lastUpdateTime"]
    assert 0 < late.total_seconds() < 180


def test_start_pipelines_on_a_schedule(cloud, company, world):
    # The rule starts the pipeline every hour unless the pipeline is still running.
    company.add_pipeline("local", {"Deploy": [Action("Rollout", [Act(90 * 60), Act(60)])]})
    every_hour(cloud, company, {"pipelineName": "local", "ifRunning": "skip"})

    world.run(until=world.now + 4 * HOUR + 60)

    started = sorted(each["startTime"] for each in executions(company, "local", TOOLS))
    hours = [(at - started[0]).total_seconds() / HOUR for at in started]
    assert hours == pytest.approx([0, 2, 3], abs=0.01)
    outcomes = [outcome_of(company, run) for run in reversed(runs_of(company))]
    assert outcomes[:3] == ["Succeeded", "Skipped", "Succeeded"]


def test_a_user_of_the_waiter_switches_without_changing_the_input(company, target, release):
    target(Act(600))
    action = release(WAITER)

    (execution,) = executions(company)
    variables = action["output"]["outputVariables"]
    assert action["status"] == execution["status"] == "Succeeded"
    assert variables["pipelineExecutionId"] == execution["pipelineExecutionId"]


def test_a_user_of_the_executor_switches_without_changing_the_input(cloud, company, world):
    company.add_pipeline("MyFirstPipeline", {"Build": [Action("Compile")]})
    every_hour(cloud, company, {"pipelineName": "MyFirstPipeline"})

    world.run(until=world.now + HOUR + 600)

    (execution,) = executions(company, "MyFirstPipeline", TOOLS)
    (run,) = runs_of(company)
    assert execution["status"] == "Succeeded"
    assert outcome_of(company, run) == "Succeeded"


def test_a_pipeline_that_deploys_pipelines_waits_for_one_to_be_idle_and_then_updates_it(
    company, target, world
):
    # The application's pipeline has two executions, one of which waits behind the other.
    application = target(Act(20 * 60), name="application")
    company.start("application", account=SECOND)
    world.run(until=world.now + 10 * 60)
    company.start("application", account=SECOND)
    company.add_pipeline(
        "deploy-pipelines",
        {
            "Wait": [company.waiting_action("Idle", {**application, "mode": "idle"})],
            "Update": [Action("UpdatePipelines", [Act(60)])],
        },
    )

    company.start("deploy-pipelines")
    while stages_of(company, "deploy-pipelines")["Update"] != "InProgress":
        world.run(until=world.now + 30)
    codepipeline = company.codepipeline(SECOND)
    pipeline = codepipeline.get_pipeline(name="application")["pipeline"]
    updated = codepipeline.update_pipeline(pipeline=pipeline)["pipeline"]
    world.run()

    # The definition is changed without canceling an execution.
    assert updated["version"] == 2
    assert [each["status"] for each in executions(company, "application")] == ["Succeeded"] * 2
    assert stages_of(company, "deploy-pipelines")["Update"] == "Succeeded"


def every_hour(cloud, company, document):
    session = cloud.session(TOOLS, REGION)
    role = create_service_role(session.client("iam"), "rule", "events")
    put_role_policy(
        session.client("iam"), "rule", "states:StartExecution", resource=company.state_machine
    )
    events = session.client("events")
    events.put_rule(Name="every-hour", ScheduleExpression="rate(1 hour)")
    run = {"Id": "run", "Arn": company.state_machine, "RoleArn": role}
    events.put_targets(Rule="every-hour", Targets=[{**run, "Input": json.dumps(document)}])


def outcome_of(company, run):
    described = company.stepfunctions().describe_execution(executionArn=run["executionArn"])
    return result(described)["outcome"] if described["status"] != "RUNNING" else None
