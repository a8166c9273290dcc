from __future__ import annotations

import json

import click
import pytest

from codepipeline_orchestrator.model.target import Place
from codepipeline_sandbox.cloudformation.artifacts import load
from codepipeline_sandbox.codepipeline import Act
from docs.permissions_table import statements
from pipeline_run.checkup.deployment import check_reach
from pipeline_run.checkup.pipeline_names import list_names, not_found
from pipeline_run.checkup.schedule import check_schedule
from pipeline_run.connection import Connection
from pipeline_run.deployment import Deployment
from pipeline_run.grants import BASIC, FEATURES, WITHOUT
from pipeline_run.grants import statements as statements_for
from pipeline_run.program import program
from pipeline_run.target_role import template, trust
from playground.accounts import ROOT
from playground.company import REGION, SECOND, THIRD, TOOLS, Action, Company
from tests.pipeline_run.place import findings

EVERY_MORNING = {
    "SchedulePipelineName": "web",
    "ScheduleExpression": "cron(30 6 * * ? *)",
    "ScheduleTimezone": "Europe/Berlin",
}
EVERY_FIVE_HOURS = {"SchedulePipelineName": "web", "ScheduleExpression": "rate(5 hours)"}


@pytest.mark.parametrize("deployment", [EVERY_MORNING], ids=["every morning"])
def test_doctor_shows_when_the_schedule_fires_next(typed, company):
    result = typed("doctor")

    assert result.exit_code == 0
    assert "next starts web at 2026-01-06 05:30:00 UTC" in result.stdout


@pytest.mark.parametrize("deployment", [EVERY_FIVE_HOURS], ids=["every five hours"])
def test_doctor_calculates_the_next_start_of_a_rate_from_the_creation_of_its_schedule(
    typed, cloud, company
):
    cloud.world.run(until=cloud.world.now + 6 * 3600)
    doctor = typed("doctor")

    client = cloud.session(TOOLS, REGION).client("scheduler")
    (listed,) = client.list_schedules()["Schedules"]
    settings = client.get_schedule(Name=listed["Name"], GroupName=listed["GroupName"])
    kept = ("Name", "GroupName", "ScheduleExpression", "FlexibleTimeWindow", "Target")
    settings = {name: settings[name] for name in kept}
    client.update_schedule(**settings)
    changed = typed("doctor")
    client.update_schedule(**settings, State="DISABLED")
    disabled = typed("doctor")

    # After a change, doctor shows two possible times.
    assert "next starts web at 2026-01-05 19:00:00 UTC." in doctor.stdout
    assert "19:00:00 UTC, or at 2026-01-05 20:00:00 UTC if its last change" in changed.stdout
    assert disabled.exit_code == 1
    assert "rate(5 hours) is disabled and does not start web" in disabled.stdout


@pytest.mark.parametrize(
    "expression, expected",
    [
        ("rate(5 hours)", "starts web. The interval began when the schedule was created"),
        ("at(2020-01-01T00:00:00)", "will not fire again"),
        ("rate(5 parsecs)", "must have the form rate(5 minutes)"),
    ],
)
def test_a_schedule_that_cannot_be_read_is_described_by_its_expression(expression, expected):
    parameters = {"ScheduleExpression": expression, "SchedulePipelineName": "web"}

    with click.Context(program):
        (finding,) = check_schedule(Connection(), Deployment("arn", parameters=parameters))

    assert expected in finding.told


def test_a_good_target_passes_and_nothing_is_started(typed, target, company):
    result = typed("doctor", *target(), "--on-timeout", "stop")

    assert result.exit_code == 0
    assert "codepipeline:StopPipelineExecution: is allowed" in result.stdout
    client = company.codepipeline(SECOND)
    assert (
        client.list_pipeline_executions(pipelineName="deploy")["pipelineExecutionSummaries"] == []
    )


def test_permissions_are_untried_if_iam_does_not_answer(typed, target):
    result = typed("doctor", *target())

    assert result.exit_code == 0
    (untried,) = [line for line in result.stdout.splitlines() if "untried" in line]
    assert "codepipeline:StartPipelineExecution, codepipeline:GetPipelineState" in untried
    assert "--target-profile" in untried


def bad(result):
    """Return the names of the checks that failed."""
    return [name for name, each in findings(result).items() if each["verdict"] == "bad"]


@pytest.mark.parametrize("name", ["web", "wbe"])
def test_a_role_that_is_not_listed_is_the_only_problem_reported(typed, company, name):
    role = f"arn:aws:iam::{THIRD}:role/target"

    result = typed("doctor", name, "--role-arn", role, "--json")

    assert result.exit_code == 1
    found = findings(result)
    assert bad(result) == ["AllowedTargetRoleArns"]
    assert role in found["AllowedTargetRoleArns"]["told"]
    assert found["target"]["verdict"] == "untried"
    assert [*found] == ["credentials", "deployment", "AllowedTargetRoleArns", "target"]


def test_a_local_pipeline_must_be_listed(typed, company, deployment):
    company.add_pipeline("shop", {"Go": [Action("Act")]})

    result = typed("doctor", "shop", "--json")

    names = f"{deployment['LocalPipelineNames']},shop"
    command = f'make deploy PARAMETERS="LocalPipelineNames={names}"'
    assert bad(result) == ["LocalPipelineNames"]
    assert findings(result)["LocalPipelineNames"]["commands"] == [command]
    assert findings(result)["target"]["told"] == "not checked because of the problem above."


def test_a_wrong_name_is_reported_once_with_the_nearest_name(typed, company, target):
    company.add_pipeline("web", {"Go": [Action("Act")]})
    _, *role = target()

    local = typed("doctor", "wbe", "--json")
    remote = typed("doctor", "deplyo", *role, "--target-profile", SECOND, "--json")
    strange = typed("doctor", "zzz", "--json")
    unknown = typed("doctor", "deplyo", *role, "--json")
    elsewhere = typed("doctor", "web", "--target-region", "us-east-1", "--json")

    told = [findings(each)["pipeline"]["told"] for each in (local, remote, strange)]
    assert [bad(each) for each in (local, remote, strange, unknown, elsewhere)] == [
        ["pipeline"]
    ] * 5
    assert told == [
        "There is no pipeline wbe in account 111122223333, eu-west-1 (did you mean web?).",
        "There is no pipeline deplyo in account 222233334444, eu-west-1 (did you mean deploy?).",
        "There is no pipeline zzz in account 111122223333, eu-west-1. Pipelines there: web.",
    ]
    # Without credentials for the target's account, the existing names are unknown.
    assert "There is no pipeline deplyo" in findings(unknown)["pipeline"]["told"]
    assert "--target-profile" in findings(unknown)["pipeline"]["told"]
    assert "has no pipelines in us-east-1" in findings(elsewhere)["pipeline"]["told"]


def test_pipelines_are_listed_once_and_only_if_a_check_fails(typed, company, target, monkeypatch):
    listed = []

    def count(connection, region):
        listed.append(region)
        return list_names(connection, region)

    monkeypatch.setattr("pipeline_run.commands.doctor.list_names", count)
    name, *role = target()

    typed("doctor", name, *role, "--target-profile", SECOND)
    assert listed == []
    typed("doctor", "deplyo", *role, "--target-profile", SECOND)
    typed("doctor", "wbe")
    assert listed == [REGION, REGION]


def test_at_most_five_existing_names_are_shown():
    told = not_found("x", Place("aws", REGION, SECOND), [f"shop-{number}" for number in range(7)])

    assert told.endswith("Pipelines there: shop-0, shop-1, shop-2, shop-3, shop-4 and 2 more.")


def test_the_nearest_listed_name_is_suggested_if_pipelines_cannot_be_listed():
    parameters = {"LocalPipelineNames": "web,shop"}
    where = Deployment(f"arn:aws:states:{REGION}:{TOOLS}:stateMachine:x", parameters=parameters)

    (finding,) = check_reach(where, {"pipelineName": "wbe"}, lambda _region: None)

    assert "lists web, shop but not wbe (did you mean web?)" in finding.told


def test_a_role_that_may_not_use_the_pipeline_is_reported_once(typed, cloud, target):
    name, *role = target()
    policy = statements_for(BASIC, ["arn:aws:codepipeline:*:*:other"])
    cloud.session(SECOND, REGION).client("iam").put_role_policy(
        RoleName=role[-1].rpartition("/")[2],
        PolicyName="TargetPipelines",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": policy}),
    )

    result = typed("doctor", name, *role, "--json")
    wrong = typed("doctor", "deplyo", *role, "--target-profile", SECOND, "--json")

    found = findings(result)
    assert [*found][3:] == ["role", "pipeline"]
    assert "If the name is right, add these statements" in found["pipeline"]["told"]
    (statement,) = found["pipeline"]["add"]
    assert statement["Action"] == [f"codepipeline:{each}" for each in WITHOUT if each in BASIC]
    assert "(did you mean deploy?)" in findings(wrong)["pipeline"]["told"]
    assert findings(wrong)["pipeline"]["add"] is None


def test_a_wrong_external_id_is_the_only_problem_reported(typed, target):
    result = typed("doctor", *target(), "--external-id", "wrong", "--json")

    assert result.exit_code == 1
    assert bad(result) == ["externalId"]
    assert "Remove externalId" in findings(result)["externalId"]["told"]


def test_a_role_that_cannot_be_assumed_is_reported_with_the_trust_statement(typed, cloud, target):
    words, someone_else = target(), trust(f"arn:aws:iam::{THIRD}:role/x", "other")
    cloud.session(SECOND, REGION).client("iam").update_assume_role_policy(
        RoleName=words[-1].rpartition("/")[2],
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [someone_else]}),
    )

    result = typed("doctor", *words, "--external-id", "wrong", "--json")

    assert bad(result) == ["role"]
    (ours,) = findings(result)["role"]["add"]
    assert ours["Condition"]["StringEquals"] == {"sts:ExternalId": "wrong"}


def test_the_printed_role_grants_access_only_to_its_pipeline(typed, cloud):
    # The command `role` creates this role for only one of the two pipelines.
    role = f"arn:aws:iam::{SECOND}:role/shop-runs"
    company = Company(cloud, targets=(SECOND,), AllowedTargetRoleArns=role)
    for name in ("shop", "other"):
        company.add_pipeline(name, {"Go": [Action("Act", (Act(60),))]}, account=SECOND)
    deploy(cloud, typed("role", "shop", "--role-name", "shop-runs").stdout)

    allowed = typed("start", "shop", "--role-arn", role)
    denied = typed("start", "other", "--role-arn", role)

    assert allowed.exit_code == 0
    assert denied.exit_code == 7
    assert "is not allowed to perform codepipeline:StartPipelineExecution" in denied.stdout


def deploy(cloud, text):
    client = cloud.session(SECOND, REGION).client("cloudformation")
    client.create_stack(
        StackName="shop-runs", TemplateBody=text, Capabilities=["CAPABILITY_NAMED_IAM"]
    )


def test_a_role_with_every_feature_grants_what_target_role_yaml_grants():
    made = template(
        pipelines=["web"],
        actions=[*BASIC, *FEATURES.values()],
        orchestrator_role=f"arn:aws:iam::{TOOLS}:role/x",
    )
    ours = load(ROOT / "target-role.yaml")

    assert actions_of(made) == actions_of(ours)


def actions_of(document):
    found = set()
    for role, statement in statements(document["Resources"]):
        actions = statement["Action"]
        if role == "TargetRole":
            found |= {actions} if isinstance(actions, str) else set(actions)
    return found


def test_the_role_grants_what_an_input_needs(type_, tmp_path):
    file = tmp_path / "input.json"
    file.write_text('{"pipelineName": "web", "mode": "idle"}')

    result = type_(
        "role",
        "--input",
        str(file),
        "--orchestrator-role",
        f"arn:aws:iam::{TOOLS}:role/x",
        "--json",
    )

    granted = actions_of(json.loads(result.stdout))
    assert "codepipeline:ListPipelineExecutions" in granted
    assert "codepipeline:StartPipelineExecution" not in granted
