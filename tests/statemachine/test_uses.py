"""What people use this product for, in the deployed system. Each use has one test."""

from __future__ import annotations

import json

import pytest

from sandbox.codepipeline import Act
from sandbox.company import REGION, SECOND, THIRD, TOOLS, Action
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
    """Return each stage's latest status, or None for a stage that has never run."""
    state = company.codepipeline(account).get_pipeline_state(name=name)
    return {
        each["stageName"]: each.get("latestExecution", {}).get("status")
        for each in state["stageStates"]
    }


@pytest.mark.parametrize(
    "ending, deployed", [("Succeeded", "Succeeded"), ("Failed", None)], ids=["good", "bad"]
)
def test_make_one_pipeline_depend_on_another(company, target, world, ending, deployed):
    # given an application that may only be deployed on another team's network
    network = target(Act(10 * 60, ending), name="network")
    company.add_pipeline(
        "application",
        {"Network": [company.waiting_action("Wait", network)], "Deploy": [Action("Rollout")]},
    )

    # when the application is released
    company.start("application")
    world.run()

    # then it is deployed only if the network is ready
    stages = stages_of(company, "application")
    assert (stages["Network"], stages["Deploy"]) == (ending, deployed)


def test_drive_child_pipelines_from_a_parent(company, target, world):
    # given a parent that releases in two accounts in parallel, and then in its own
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

    # when the parent runs
    company.start("parent")
    world.run()

    # then each child runs once, the last one after the others
    children = [
        executions(company, name, account)
        for name, account in (("europe", SECOND), ("america", THIRD), ("local", TOOLS))
    ]
    assert [[each["status"] for each in one] for one in children] == [["Succeeded"]] * 3
    (first,), (second,), (third,) = children
    assert third["startTime"] > max(first["lastUpdateTime"], second["lastUpdateTime"])
    assert stages_of(company, "parent")["Local"] == "Succeeded"


@pytest.mark.long
def test_chain_pipelines_past_codepipelines_own_limits_with_its_native_action(
    company, target, world
):
    # given a target that takes 25 hours, and a pipeline with CodePipeline's Step Functions action
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

    # when the pipeline starts, and most polls are throttled to keep this test short
    company.start("release")
    world.run(until=world.now + HOUR)
    throttle(company, "GetStateFunction", 0)
    world.run(until=world.now + 23 * HOUR)
    throttle(company, "GetStateFunction", 10)
    world.run()

    # then the action succeeds, although a Lambda action would have failed an hour earlier
    (execution,) = executions(company)
    assert execution["status"] == "Succeeded"
    assert company.action("release", "Run")["status"] == "Succeeded"


def test_chain_pipelines_past_codepipelines_own_limits_with_direct_runs(company, target, world):
    # given a target that takes ten days, and a run with a timeout of two weeks
    document = {**target(Act(10 * DAY)), "timeoutMinutes": 14 * 24 * 60}
    stepfunctions = company.stepfunctions()
    arn = start_run(company, document)

    # when most polls are throttled
    world.run(until=world.now + HOUR)
    throttle(company, "GetStateFunction", 0)
    world.run(until=world.now + 10 * DAY - 2 * HOUR)
    throttle(company, "GetStateFunction", 10)
    world.run()

    # then the run follows the target to its end, and its history has room left
    described = stepfunctions.describe_execution(executionArn=arn)
    assert described["status"] == "SUCCEEDED"
    assert result(described)["durationSeconds"] >= 10 * DAY
    events = stepfunctions.get_execution_history(executionArn=arn, reverseOrder=True, maxResults=1)[
        "events"
    ]
    assert events[0]["id"] < 15_000


def test_hold_a_change_back_while_a_pipeline_runs(company, target, world):
    # given a database pipeline that runs for another hour
    database = target(Act(HOUR, "Failed"), name="database")
    company.start("database", account=SECOND)
    company.add_pipeline(
        "change",
        {
            "Hold": [company.waiting_action("Wait", {**database, "mode": "idle"})],
            "Deploy": [Action("Rollout")],
        },
    )

    # when a change arrives in the meantime
    company.start("change")
    world.run(until=world.now + HOUR - 60)
    held = stages_of(company, "change")
    summary = company.action("change", "Wait")["output"]["executionResult"]
    world.run()

    # then the change waits until the database is idle, and continues although the database failed
    (running,) = executions(company, "database")
    assert (held["Hold"], held["Deploy"]) == ("InProgress", None)
    assert running["pipelineExecutionId"] in summary["externalExecutionSummary"]
    (change,) = executions(company, "change", TOOLS)
    assert change["status"] == "Succeeded"
    late = change["lastUpdateTime"] - running["lastUpdateTime"]
    assert 0 < late.total_seconds() < 180


def test_start_pipelines_on_a_schedule(cloud, company, world):
    # given a pipeline that a rule starts every hour, unless it is still running
    company.add_pipeline("local", {"Deploy": [Action("Rollout", [Act(90 * 60), Act(60)])]})
    every_hour(cloud, company, {"pipelineName": "local", "ifRunning": "skip"})

    # when four hours have passed
    world.run(until=world.now + 4 * HOUR + 60)

    # then it was started every hour, except when it was still running
    started = sorted(each["startTime"] for each in executions(company, "local", TOOLS))
    hours = [(at - started[0]).total_seconds() / HOUR for at in started]
    assert hours == pytest.approx([0, 2, 3], abs=0.01)
    outcomes = [outcome_of(company, run) for run in reversed(runs_of(company))]
    assert outcomes[:3] == ["Succeeded", "Skipped", "Succeeded"]


def test_a_user_of_the_waiter_switches_without_changing_the_input(company, target, release):
    # given a target, and a release whose action has the waiter's UserParameters and comments
    target(Act(600))
    action = release(WAITER)

    # then the target is started and followed to its end
    (execution,) = executions(company)
    variables = action["output"]["outputVariables"]
    assert action["status"] == execution["status"] == "Succeeded"
    assert variables["pipelineExecutionId"] == execution["pipelineExecutionId"]


def test_a_user_of_the_executor_switches_without_changing_the_input(cloud, company, world):
    # given a rule with the executor's input, whose target is now the state machine
    company.add_pipeline("MyFirstPipeline", {"Build": [Action("Compile")]})
    every_hour(cloud, company, {"pipelineName": "MyFirstPipeline"})

    # when the rule fires
    world.run(until=world.now + HOUR + 600)

    # then the pipeline is started, and the run reports how it ended
    (execution,) = executions(company, "MyFirstPipeline", TOOLS)
    (run,) = runs_of(company)
    assert execution["status"] == "Succeeded"
    assert outcome_of(company, run) == "Succeeded"


def test_a_pipeline_that_deploys_pipelines_waits_for_one_to_be_idle_and_then_updates_it(
    company, target, world
):
    # given an application's pipeline with two executions, one waiting behind the other
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

    # when its definition should change
    company.start("deploy-pipelines")
    while stages_of(company, "deploy-pipelines")["Update"] != "InProgress":
        world.run(until=world.now + 30)
    codepipeline = company.codepipeline(SECOND)
    pipeline = codepipeline.get_pipeline(name="application")["pipeline"]
    updated = codepipeline.update_pipeline(pipeline=pipeline)["pipeline"]
    world.run()

    # then the definition is changed without cancelling an execution
    assert updated["version"] == 2
    assert [each["status"] for each in executions(company, "application")] == ["Succeeded"] * 2
    assert stages_of(company, "deploy-pipelines")["Update"] == "Succeeded"


def every_hour(cloud, company, document):
    """Have an EventBridge rule start a run with this input every hour."""
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
    """Return the outcome of a run, or None while it is running."""
    described = company.stepfunctions().describe_execution(executionArn=run["executionArn"])
    return result(described)["outcome"] if described["status"] != "RUNNING" else None
