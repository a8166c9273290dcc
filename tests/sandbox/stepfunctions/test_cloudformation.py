import json

import pytest
from moto.cloudformation.exceptions import ValidationError

from codepipeline_sandbox.stepfunctions.cloudformation import StateMachine

DEFINITION = {
    "QueryLanguage": "JSONata",
    "StartAt": "Say",
    "States": {
        "Say": {"Type": "Pass", "Output": {"text": "${Text}", "null": None}, "End": True},
    },
}
ROLE = "arn:aws:iam::111122223333:role/Machine"


@pytest.fixture
def stacks(isolated_stepfunctions):
    return isolated_stepfunctions.session("111122223333", "eu-west-1").client("cloudformation")


def template(**properties):
    resource = {
        "Type": "AWS::StepFunctions::StateMachine",
        "Properties": {"RoleArn": ROLE, **properties},
    }
    outputs = {
        "Ref": {"Value": {"Ref": "Machine"}},
        "Arn": {"Value": {"Fn::GetAtt": ["Machine", "Arn"]}},
        "Name": {"Value": {"Fn::GetAtt": ["Machine", "Name"]}},
    }
    return json.dumps({"Resources": {"Machine": resource}, "Outputs": outputs})


def outputs_of(stacks):
    (stack,) = stacks.describe_stacks(StackName="stack")["Stacks"]
    return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}


def said(cloud, arn):
    ended = cloud.state_machines.ended(cloud.state_machines.start(arn, "{}"))
    return json.loads(cloud.world.result_of(ended)["output"])["text"]


def test_a_definition_given_as_a_joined_string_is_deployed_with_its_substitutions(
    isolated_stepfunctions, sfn, stacks
):
    # given a definition in the form that the SAM translator generates
    lines = json.dumps(DEFINITION, indent=4).split("\n")
    body = template(
        DefinitionString={"Fn::Join": ["\n", lines]},
        DefinitionSubstitutions={"Text": {"Fn::Sub": 'a "quoted" text in ${AWS::Region}'}},
        StateMachineName="Talker",
        StateMachineType="STANDARD",
        LoggingConfiguration={
            "Level": "ERROR",
            "IncludeExecutionData": False,
            "Destinations": [{"CloudWatchLogsLogGroup": {"LogGroupArn": "arn:aws:logs:x"}}],
        },
        TracingConfiguration={"Enabled": True},
        Tags=[{"Key": "stateMachine:createdBy", "Value": "SAM"}],
    )

    # when
    stacks.create_stack(StackName="stack", TemplateBody=body)

    # then
    outputs = outputs_of(stacks)
    arn = "arn:aws:states:eu-west-1:111122223333:stateMachine:Talker"
    assert outputs == {"Ref": arn, "Arn": arn, "Name": "Talker"}
    assert said(isolated_stepfunctions, arn) == 'a "quoted" text in eu-west-1'
    described = sfn.describe_state_machine(stateMachineArn=arn)
    assert described["loggingConfiguration"]["level"] == "ERROR"
    assert described["tracingConfiguration"] == {"enabled": True}
    assert sfn.list_tags_for_resource(resourceArn=arn)["tags"] == [
        {"key": "stateMachine:createdBy", "value": "SAM"}
    ]


def test_a_definition_given_as_an_object_is_deployed_updated_and_deleted(
    isolated_stepfunctions, sfn, stacks
):
    # given
    text = {"DefinitionSubstitutions": {"Text": "one"}}
    stacks.create_stack(StackName="stack", TemplateBody=template(Definition=DEFINITION, **text))
    arn = outputs_of(stacks)["Arn"]
    before = said(isolated_stepfunctions, arn)

    # when
    text["DefinitionSubstitutions"]["Text"] = "two"
    stacks.update_stack(StackName="stack", TemplateBody=template(Definition=DEFINITION, **text))
    after = said(isolated_stepfunctions, arn)
    stacks.delete_stack(StackName="stack")

    # then
    assert (before, after) == ("one", "two")
    assert sfn.list_state_machines()["stateMachines"] == []


@pytest.mark.parametrize(
    "properties, expected",
    [
        ({"Definition": DEFINITION}, r"DefinitionSubstitutions has no value for \$\{Text\}"),
        ({"DefinitionS3Location": {"Bucket": "b", "Key": "k"}}, "s3://b/k cannot be read"),
        ({"StateMachineVersion": 1, "Definition": {}}, "property StateMachineVersion"),
        ({"Definition": {}, "StateMachineType": "EXPRESS"}, "of type 'EXPRESS'"),
        ({"Definition": {}, "EncryptionConfiguration": {}}, "Invalid Encryption Configuration"),
        ({}, "exactly one of DefinitionString, DefinitionS3Location or Definition"),
    ],
)
def test_an_invalid_or_unsupported_definition_is_an_error(
    isolated_stepfunctions, properties, expected
):
    # given
    del isolated_stepfunctions
    resource = {"Properties": {"RoleArn": ROLE, **properties}}

    # when / then
    with pytest.raises(ValidationError, match=expected):
        StateMachine.create_from_cloudformation_json(
            "Machine", resource, "111122223333", "eu-west-1"
        )
