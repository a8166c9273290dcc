from __future__ import annotations

import shutil

import pytest

from codepipeline_sandbox.cloudformation import DeploymentFailed
from codepipeline_sandbox.codepipeline import Act
from playground.company import REGION, ROOT, SECOND, TOOLS, Action

KEPT = ("AWS::StepFunctions::StateMachine", "AWS::Lambda::Function", "AWS::DynamoDB::Table")
ACT = 3_600.0  # seconds that the target takes
BROKEN = """
  Broken:
    Type: AWS::Lambda::EventInvokeConfig
    DependsOn: PipelineRunStateMachine
    Properties: {FunctionName: nobody, Qualifier: $LATEST}

Outputs:
"""


@pytest.fixture
def version(tmp_path):
    for name in ("functions", "statemachine"):
        shutil.copytree(ROOT / name, tmp_path / name)
    for path in (tmp_path / "functions").glob("*.py"):
        path.write_text(f"{path.read_text('utf-8')}\n# another version\n", "utf-8")
    definition = tmp_path / "statemachine" / "pipeline_run.asl.yaml"
    text = definition.read_text("utf-8")
    assert "  Runs one target pipeline" in text
    changed = text.replace("  Runs one target", "  Another version. Runs one target", 1)
    definition.write_text(changed, "utf-8")

    def write(old="", new=""):
        written = (ROOT / "template.yaml").read_text("utf-8")
        assert old in written
        path = tmp_path / "template.yaml"
        path.write_text(written.replace(old, new, 1), "utf-8")
        return path

    return write


@pytest.fixture
def waiting(cloud, company):
    """A release that has waited ten minutes for a target that takes an hour."""
    company.add_pipeline("deploy", {"Deploy": [Action("Rollout", [Act(ACT)])]}, account=SECOND)
    asked = {"pipelineName": "deploy", "roleArn": company.target_roles[SECOND]}
    company.add_pipeline("release", {"Go": [company.waiting_action("Wait", asked)]})
    company.start("release")
    cloud.world.run(until=cloud.world.now + 600)
    assert company.action("release", "Wait")["status"] == "InProgress"


def physical_ids(cloud, company):
    stacks = cloud.session(TOOLS, REGION).client("cloudformation")
    listed = stacks.list_stack_resources(StackName=company.stack.name)["StackResourceSummaries"]
    return {
        each["LogicalResourceId"]: each["PhysicalResourceId"]
        for each in listed
        if each["ResourceType"] in KEPT
    }


def definition(company):
    machine = company.stepfunctions().describe_state_machine(stateMachineArn=company.state_machine)
    return machine["definition"]


@pytest.mark.rule("G6")
@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"Monitoring": "none"},
        {"ScheduleExpression": "rate(1 day)", "SchedulePipelineName": "nightly"},
        {"EventSenders": "222233334444"},
    ],
)
def test_a_wait_continues_through_an_upgrade(cloud, company, waiting, version, parameters):
    del waiting
    before = physical_ids(cloud, company)

    company.stack.update(version(), parameters=parameters)
    cloud.world.run()

    assert "Another version." in definition(company)
    assert company.action("release", "Wait")["status"] == "Succeeded"
    assert physical_ids(cloud, company) == before


@pytest.mark.rule("G6")
def test_a_wait_continues_through_an_upgrade_that_is_rolled_back(cloud, company, waiting, version):
    del waiting
    before = physical_ids(cloud, company), definition(company)

    with pytest.raises(DeploymentFailed, match=r"Broken .*Function not found"):
        company.stack.update(version("\nOutputs:\n", BROKEN))
    cloud.world.run()

    assert company.action("release", "Wait")["status"] == "Succeeded"
    assert (physical_ids(cloud, company), definition(company)) == before


@pytest.mark.rule("G1")
def test_the_tables_with_the_open_jobs_outlive_the_stack(cloud, company, waiting):
    del waiting
    dynamodb = cloud.session(TOOLS, REGION).client("dynamodb")

    company.stack.delete()

    tables = dynamodb.list_tables()["TableNames"]
    (jobs,) = [name for name in tables if "JobsTable" in name]
    assert any("WaitsTable" in name for name in tables)
    assert dynamodb.scan(TableName=jobs)["Count"] == 1
    assert company.stepfunctions().list_state_machines()["stateMachines"] == []


def test_a_stack_whose_waits_have_ended_is_removed_without_losing_one(cloud, company, waiting):
    del waiting
    company.codepipeline().disable_stage_transition(
        pipelineName="release", stageName="Go", transitionType="Inbound", reason="removal"
    )
    company.start("release")

    cloud.world.run()
    arn = company.state_machine
    running = company.stepfunctions().list_executions(stateMachineArn=arn, statusFilter="RUNNING")
    company.stack.delete()
    cloud.world.run()

    assert running["executions"] == []
    assert company.action("release", "Wait")["status"] == "Succeeded"
    assert cloud.session(TOOLS, REGION).client("lambda").list_functions()["Functions"] == []


@pytest.mark.rule("G2")
def test_a_schedule_without_its_pipeline_is_refused(company, version):
    with pytest.raises(DeploymentFailed, match="requires SchedulePipelineName"):
        company.stack.update(version(), parameters={"ScheduleExpression": "rate(1 day)"})
