from __future__ import annotations

import json

import pytest
import yaml
from click.testing import CliRunner

from codepipeline_sandbox.cloudformation import deploy
from codepipeline_sandbox.codepipeline import Act
from codepipeline_sandbox.pipelines import Action, Pipeline, add_pipeline
from pipeline_run.program import program
from playground.accounts import REGION, ROOT, SECOND, TARGET_ROLE, TOOLS

ORCHESTRATOR = "codepipeline-orchestrator"
ASSEMBLY = ROOT / "build" / "cdk"
RELEASE, SHOP = (ASSEMBLY / f"{name}.template.json" for name in ("Release", "ShopTargetRole"))
ANY_NAME = ("CAPABILITY_NAMED_IAM",)
DAY = 24 * 3_600


def test_validate_finds_the_action_and_the_schedule():
    result = CliRunner().invoke(program, ["validate", str(ASSEMBLY)])

    assert (result.exit_code, result.stdout) == (0, "")
    assert "Checked 2 inputs: no problems found." in result.stderr


@pytest.fixture
def orchestrator(cloud):
    for account, name in ((SECOND, "deploy-shop"), (TOOLS, "MyFirstPipeline")):
        stages = {"Go": [Action("Rollout", [Act(60)])]}
        add_pipeline(cloud, name, stages, account_id=account, region=REGION)
        cloud.session(account, REGION).client("ssm").put_parameter(  # as `cdk bootstrap` does
            Name="/cdk-bootstrap/hnb659fds/version", Value="30", Type="String"
        )
    parameters = {
        "AllowedTargetRoleArns": f"arn:aws:iam::{SECOND}:role/{TARGET_ROLE}",
        "LocalPipelineNames": "MyFirstPipeline",
    }
    return deploy(cloud, ROOT / "template.yaml", TOOLS, REGION, ORCHESTRATOR, parameters=parameters)


def test_the_deployed_stacks_have_enough_permissions(cloud, orchestrator):
    deploy(cloud, SHOP, SECOND, REGION, "ShopTargetRole", capabilities=ANY_NAME)
    deploy(cloud, RELEASE, TOOLS, REGION, "Release")
    release = Pipeline(cloud.session(TOOLS, REGION).client("codepipeline"), "release")

    release.start()
    cloud.world.run(until=cloud.world.now + DAY)

    assert release.action("DeployShop")["status"] == "Succeeded"
    runs = orchestrator.session.client("stepfunctions").list_executions(
        stateMachineArn=orchestrator.outputs["StateMachineArn"]
    )
    assert [run["status"] for run in runs["executions"]] == ["SUCCEEDED"] * 2
    assert [one.message for one in cloud.access.decisions if not one.allowed] == []


def test_the_target_role_is_the_one_that_the_command_prints_for_the_input(
    cloud, orchestrator, tmp_path
):
    own = deploy(cloud, SHOP, SECOND, REGION, "ShopTargetRole", capabilities=ANY_NAME)
    printed = deploy(
        cloud, role_for_the_input(tmp_path), SECOND, REGION, "printed", capabilities=ANY_NAME
    )

    assert granted(own, TARGET_ROLE) == granted(printed, "printed")


def role_for_the_input(folder):
    (pipeline,) = resources(RELEASE, "AWS::CodePipeline::Pipeline")
    (action,) = pipeline["Stages"][-1]["Actions"]
    parts = action["Configuration"]["UserParameters"]["Fn::Join"][1]
    text = "".join("aws" if part == {"Ref": "AWS::Partition"} else part for part in parts)
    (folder / "input.json").write_text(text)
    (role,) = resources(SHOP, "AWS::IAM::Role")
    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
    trusted = trust["Condition"]["ArnLike"]["aws:PrincipalArn"]
    options = ["--orchestrator-role", trusted, "--role-name", "printed"]
    result = CliRunner().invoke(program, ["role", "--input", str(folder / "input.json"), *options])
    assert yaml.safe_load(result.stdout), result.stderr
    (folder / "role.yaml").write_text(result.stdout)
    return folder / "role.yaml"


def resources(template, kind):
    found = json.loads(template.read_text())["Resources"].values()
    return [each["Properties"] for each in found if each["Type"] == kind]


def granted(stack, role):
    iam = stack.session.client("iam")
    trust = iam.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]
    (name,) = iam.list_role_policies(RoleName=role)["PolicyNames"]
    policy = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
    return [plain(trust), plain(policy)]


def plain(policy):
    return [
        {
            key: [value] if isinstance(value, str) and key in {"Action", "Resource"} else value
            for key, value in statement.items()
            if key != "Sid"
        }
        for statement in policy["Statement"]
    ]
