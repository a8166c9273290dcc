import itertools
import re

import pytest
import yaml

SECTIONS = [
    "AWSTemplateFormatVersion",
    "Transform",
    "Description",
    "Metadata",
    "Parameters",
    "Rules",
    "Conditions",
    "Globals",
    "Resources",
    "Outputs",
]
# Each part of the template begins with a resource of one of these types. A role is next to the
# resource that uses it.
PARTS = [
    "AWS::Serverless::Function",
    "AWS::StepFunctions::StateMachine",
    "AWS::DynamoDB::Table",
    "AWS::Events::Rule",
    "AWS::Scheduler::Schedule",
    "AWS::Logs::LogGroup",
    "AWS::CloudWatch::Alarm",
    "AWS::CloudWatch::Dashboard",
    "AWS::Logs::QueryDefinition",
]


# These properties give a resource a fixed name. FunctionName is missing because a permission uses
# it to refer to a function.
NAMES = {"Name", "RoleName", "LogGroupName", "StateMachineName", "TableName"}


def _camel(name):
    names = {"codepipeline": "CodePipeline"}
    return "".join(names.get(word, word.capitalize()) for word in name.split("_"))


def _functions(template):
    return {
        name: resource["Properties"]
        for name, resource in template["Resources"].items()
        if resource["Type"] == "AWS::Serverless::Function"
    }


def _files(root):
    return sorted(path.stem for path in (root / "functions").glob("*.py"))


@pytest.mark.parametrize("which", ["template", "target_role_template", "target_events_template"])
def test_sections_are_in_a_fixed_order(which, request):
    sections = list(request.getfixturevalue(which))
    assert sections == [section for section in SECTIONS if section in sections]


def test_resources_are_in_reading_order(template):
    kinds = [resource["Type"] for resource in template["Resources"].values()]
    parts = [PARTS.index(kind) for kind in kinds if kind in PARTS]
    assert parts == sorted(parts)


@pytest.mark.parametrize("name", ["template.yaml", "target-role.yaml", "target-events.yaml"])
def test_every_resource_has_a_comment_above_it(root, name):
    text = (root / name).read_text()
    lines = text[text.index("\nResources:") : text.index("\nOutputs:")].splitlines()

    bare = [
        line
        for before, line in itertools.pairwise(lines)
        if re.fullmatch(r"  \w+:", line) and not before.startswith("  # ")
    ]

    assert bare == []


def test_every_function_file_has_a_resource(root, template):
    handlers = {name: it["Handler"] for name, it in _functions(template).items()}
    assert handlers == {f"{_camel(file)}Function": f"{file}.handler" for file in _files(root)}


USING_ANOTHER_FUNCTION = {"ConfirmAction": "ReportJobResult", "RenewJob": "ReportJobResult"}


def test_every_task_is_named_after_the_function_that_it_invokes(definition):
    invoked = {
        name: state["Arguments"]["FunctionName"]
        for name, state in definition["States"].items()
        if state["Type"] == "Task" and state["Resource"].endswith(":lambda:invoke")
    }
    # These states use a function that is named after another state.
    named = {**{name: name for name in invoked}, **USING_ANOTHER_FUNCTION}
    assert invoked == {name: f"${{{function}FunctionArn}}" for name, function in named.items()}


def test_every_substitution_is_defined_and_used(template, definition):
    machine = template["Resources"]["PipelineRunStateMachine"]["Properties"]
    substitutions = machine["DefinitionSubstitutions"]

    assert set(re.findall(r"\$\{(\w+)\}", str(definition))) == set(substitutions)
    assert substitutions == {
        name: {"Fn::GetAtt": [name.removesuffix("Arn"), "Arn"]}
        for name in substitutions
        if name.endswith("FunctionArn")
    } | {"Partition": {"Ref": "AWS::Partition"}, "WaitsTable": {"Ref": "WaitsTable"}}


def test_a_state_has_a_longer_timeout_than_its_function(template, definition):
    timeout = template["Globals"]["Function"]["Timeout"]
    timeouts = {
        name: state["TimeoutSeconds"]
        for name, state in definition["States"].items()
        if state["Type"] == "Task" and state["Resource"].endswith(":lambda:invoke")
    }
    assert timeouts
    assert [name for name, seconds in timeouts.items() if seconds <= timeout] == []


def test_no_resource_has_a_fixed_name(template):
    fixed = {
        (name, key)
        for name, resource in template["Resources"].items()
        for key, value in resource["Properties"].items()
        if key in NAMES and "${AWS::StackName}" not in str(value)
    }
    assert fixed == set()


def test_every_function_is_named_by_cloudformation(template):
    assert [name for name, it in _functions(template).items() if "FunctionName" in it] == []


def test_tables_outlive_the_stack_and_their_items_expire(template):
    tables = {n: r for n, r in template["Resources"].items() if r["Type"] == "AWS::DynamoDB::Table"}
    assert set(tables) == {"JobsTable", "WaitsTable"}
    for table in tables.values():
        assert table["DeletionPolicy"] == table["UpdateReplacePolicy"] == "Retain"
        assert table["Properties"]["BillingMode"] == "PAY_PER_REQUEST"
        assert table["Properties"]["TimeToLiveSpecification"] == {
            "AttributeName": "expires",
            "Enabled": True,
        }


def test_only_the_table_that_cannot_be_rebuilt_has_point_in_time_recovery(template):
    recoverable = {
        name
        for name, resource in template["Resources"].items()
        if resource["Properties"].get("PointInTimeRecoverySpecification")
        == {"PointInTimeRecoveryEnabled": True}
    }
    assert recoverable == {"JobsTable"}


def test_a_deployment_can_choose_the_names_of_its_exports(template):
    names = [output["Export"]["Name"]["Fn::Sub"] for output in template["Outputs"].values()]
    assert all(name.startswith(("${AWS::StackName}-", "${ExportPrefix}")) for name in names)


def test_the_exports_of_the_old_waiter_remain_and_name_the_role_that_targets_trust(template):
    exports = {
        output["Export"]["Name"]["Fn::Sub"]: output["Value"]
        for output in template["Outputs"].values()
    }
    assert exports["${ExportPrefix}PipelineWaiterLambdaName"] == {"Ref": "CodePipelineJobFunction"}
    assert exports["${ExportPrefix}PipelineWaiterLambdaArn"] == {
        "Fn::GetAtt": ["CodePipelineJobFunction", "Arn"]
    }
    assert exports["${ExportPrefix}PipelineWaiterLambdaRoleArn"] == {
        "Fn::GetAtt": ["TargetAccessRole", "Arn"]
    }


def test_the_state_machine_has_no_yaml_anchors(root):
    # CloudFormation reads this file itself and does not resolve aliases.
    text = (root / "statemachine" / "pipeline_run.asl.yaml").read_text(encoding="utf-8")
    assert text.startswith("# No YAML anchors:")

    assert not [each for each in yaml.parse(text) if getattr(each, "anchor", None)]
