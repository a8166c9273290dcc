"""The Terraform files in examples/terraform are valid, as far as can be checked offline."""

from __future__ import annotations

import json
import re
from pathlib import Path

import hcl2
import pytest
import yaml
from click.testing import CliRunner
from hcl2.utils import SerializationOptions

from pipeline_run.program import program
from playground.accounts import REGION, SECOND, TARGET_ROLE, TOOLS
from tests.template.expansion import as_written

ROOT = Path(__file__).parents[2]
PLAIN = SerializationOptions(with_comments=False, explicit_blocks=False, strip_string_quotes=True)
REFERENCE = re.compile(r"\b((?:data\.)?aws_\w+\.\w+)(\.\w+)")
EXPORT = "data.aws_cloudformation_export."
STATE_MACHINE = f"arn:aws:states:{REGION}:{TOOLS}:stateMachine:PipelineRunStateMachine-1A2B"
ORCHESTRATOR_ROLE = f"arn:aws:iam::{TOOLS}:role/codepipeline-orchestrator-TargetAccessRole-1A2B"
# The values that Terraform would know when it plans.
VALUES = {
    "data.aws_caller_identity.tools.account_id": TOOLS,
    "data.aws_caller_identity.shop.account_id": SECOND,
    "aws_iam_role.target.name": TARGET_ROLE,
    f"{EXPORT}function_name.value": "codepipeline-orchestrator-CodePipelineJobFunction-1A2B",
    f"{EXPORT}state_machine_arn.value": STATE_MACHINE,
    f"{EXPORT}target_access_role_arn.value": ORCHESTRATOR_ROLE,
}


@pytest.fixture(scope="module")
def files():
    paths = sorted((ROOT / "examples" / "terraform").glob("*.tf"))
    return [hcl2.loads(path.read_text("utf-8"), serialization_options=PLAIN) for path in paths]


@pytest.fixture(scope="module")
def blocks(files):
    return {
        f"{prefix}{kind}.{name}": body
        for file in files
        for section, prefix in (("resource", ""), ("data", "data."))
        for block in file.get(section, [])
        for kind, named in block.items()
        for name, body in named.items()
    }


def test_every_reference_names_a_block_and_every_data_source_is_used(files, blocks):
    references = {address for address, _ in REFERENCE.findall(json.dumps(files))}

    assert len(references) > 10
    assert references <= blocks.keys()
    assert {each for each in blocks if each.startswith("data.")} <= references


def test_every_provider_that_a_block_selects_is_configured(files, blocks):
    providers = [each["aws"] for file in files for each in file.get("provider", [])]
    configured = {f"${{aws.{each['alias']}}}" for each in providers if "alias" in each}

    assert {each["provider"] for each in blocks.values() if "provider" in each} == configured


def test_every_export_that_is_read_exists(blocks):
    exports = [each["name"] for address, each in blocks.items() if address.startswith(EXPORT)]
    exported = {
        each["Export"]["Name"]["Fn::Sub"].replace("${AWS::StackName}", "codepipeline-orchestrator")
        for each in as_written("template.yaml")["Outputs"].values()
    }

    assert exports
    assert set(exports) <= exported


def test_validate_finds_the_action_and_the_schedule_in_a_plan(blocks, tmp_path):
    resources = [
        {"address": address, "type": address.split(".")[0], "values": known(body)}
        for address, body in blocks.items()
        if not address.startswith("data.")
    ]
    plan = {"format_version": "1.2", "planned_values": {"root_module": {"resources": resources}}}
    (tmp_path / "plan.json").write_text(json.dumps(plan))

    result = CliRunner().invoke(program, ["validate", str(tmp_path / "plan.json")])

    assert (result.exit_code, result.stdout) == (0, "")
    assert "Checked 2 inputs: no problems found." in result.stderr


def test_the_schedule_keeps_the_placeholders_of_its_token(blocks):
    (target,) = known(blocks["aws_scheduler_schedule.every_morning"])["target"]

    assert json.loads(target["input"])["clientRequestToken"] == (
        "<aws.scheduler.schedule-arn> <aws.scheduler.scheduled-time>"
    )
    assert target["input"].count("<aws.scheduler.") == 2  # with unescaped brackets


def test_the_target_role_is_the_one_that_the_command_prints_for_the_input(blocks, tmp_path):
    deploy = known(blocks["aws_codepipeline.release"])["stage"][-1]
    (tmp_path / "input.json").write_text(deploy["action"][0]["configuration"]["UserParameters"])
    result = CliRunner().invoke(
        program,
        ["role", "--input", str(tmp_path / "input.json"), "--orchestrator-role", ORCHESTRATOR_ROLE],
    )
    account = {"AWS::Partition": "aws", "AWS::AccountId": SECOND}
    printed = yaml.safe_load(
        re.sub(r"\$\{([\w:]+)\}", lambda found: account[found[1]], result.stdout)
    )
    role = printed["Resources"]["TargetRole"]["Properties"]
    (policy,) = role["Policies"]
    (allowed,) = policy["PolicyDocument"]["Statement"]
    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]

    (own,) = known(blocks["data.aws_iam_policy_document.target"])["statement"]
    (trusted,) = known(blocks["data.aws_iam_policy_document.target_trust"])["statement"]

    assert blocks["aws_iam_role.target"]["name"] == role["RoleName"]
    assert own["actions"] == allowed["Action"]
    assert own["resources"] == [each["Fn::Sub"] for each in allowed["Resource"]]
    assert trusted["principals"] == [{"type": "AWS", "identifiers": [trust["Principal"]["AWS"]]}]
    assert trusted["condition"] == [
        {"test": test, "variable": variable, "values": [value]}
        for test, values in trust["Condition"].items()
        for variable, value in values.items()
    ]


def known(node):
    match node:
        case dict():
            return {key: known(value) for key, value in node.items()}
        case list():
            return [known(each) for each in node]
        case str() if encoded := re.fullmatch(r"\$\{jsonencode\((.*)\)\}", node, re.DOTALL):
            text = f"value = {encoded[1]}"
            return json.dumps(known(hcl2.loads(text, serialization_options=PLAIN)["value"]))
        case str() if heredoc := re.fullmatch(r"<<-(\w+)\n(.*)\n *\1", node, re.DOTALL):
            return heredoc[2]
        case str():
            return re.sub(r"\$\{([\w.]+)\}", lambda found: VALUES.get(found[1], found[0]), node)
        case _:
            return node
