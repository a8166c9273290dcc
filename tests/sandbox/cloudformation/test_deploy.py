import io
import json
import urllib.parse
import zipfile

import pytest
from botocore.exceptions import ClientError

from codepipeline_sandbox.cloudformation import DeploymentFailed, deploy
from codepipeline_sandbox.cloudformation.artifacts import zipped

FUNCTION = """
Parameters:
  Layer:
    Type: AWS::SSM::Parameter::Value<String>
    Default: /aws/service/powertools/python/arm64/python3.13/3.26.0
  Prefix: {Type: String, Default: "Our"}
Globals:
  Function:
    Runtime: python3.13
    Handler: app.handler
    CodeUri: src
    Layers: [!Ref Layer]
    LoggingConfig: {LogFormat: JSON, LogGroup: !Ref Group}
Resources:
  Group:
    Type: AWS::Logs::LogGroup
    Properties: {RetentionInDays: 7}
  App:
    Type: AWS::Serverless::Function
    Properties:
      EventInvokeConfig: {MaximumEventAgeInSeconds: 300}
Outputs:
  Name:
    Value: !Ref App
    Export: {Name: !Sub "${Prefix}AppName"}
"""


def test_a_function_gets_its_globals_layers_log_group_and_invoke_settings(stack, session):
    name = stack(FUNCTION).outputs["Name"]

    client = session.client("lambda")
    settings = client.get_function_configuration(FunctionName=name)
    assert settings["LoggingConfig"]["LogGroup"].startswith("stack-Group-")
    assert "AWSLambdaPowertoolsPythonV3-python313-arm64" in settings["Layers"][0]["Arn"]
    asynchronous = client.get_function_event_invoke_config(FunctionName=name)
    assert asynchronous["MaximumEventAgeInSeconds"] == 300
    (group,) = session.client("logs").describe_log_groups()["logGroups"]
    assert group["retentionInDays"] == 7


def test_another_stack_can_import_an_export(stack):
    first = stack(FUNCTION, parameters={"Prefix": "Their"})

    second = stack(
        """
        Resources:
          Group: {Type: AWS::Logs::LogGroup}
        Outputs:
          Imported: {Value: !ImportValue TheirAppName}
        """,
        "second",
    )

    assert second.outputs["Imported"] == first.outputs["Name"]


def test_deleting_the_stack_deletes_everything(stack, session):
    stack(FUNCTION).delete()

    assert session.client("lambda").list_functions()["Functions"] == []
    assert session.client("iam").list_roles()["Roles"] == []
    assert session.client("logs").describe_log_groups()["logGroups"] == []
    assert session.client("cloudformation").list_exports()["Exports"] == []


MACHINES = [
    ("Serverless", "{Role: !GetAtt Role.Arn, DefinitionUri"),
    ("StepFunctions", "{RoleArn: !GetAtt Role.Arn, DefinitionS3Location"),
]


def machine(kind, location):
    return """
    Resources:
      Group: {Type: AWS::Logs::LogGroup}
      Role:
        Type: AWS::IAM::Role
        Properties:
          AssumeRolePolicyDocument:
            Version: "2012-10-17"
            Statement:
              - Effect: Allow
                Principal: {Service: states.amazonaws.com}
                Action: sts:AssumeRole
      Machine:
        Type: AWS::KIND::StateMachine
        Properties:
          LOCATION: machine.asl.yaml, DefinitionSubstitutions: {Word: !GetAtt Group.Arn}}
    Outputs:
      Arn: {Value: !Ref Machine}
    """.replace("KIND", kind).replace("LOCATION", location)


@pytest.mark.parametrize("kind, location", MACHINES)
def test_a_state_machines_yaml_definition_is_read_with_its_substitutions(
    stack, session, tmp_path, kind, location
):
    definition = """
        QueryLanguage: JSONata
        StartAt: Say
        States:
          Say: {Type: Pass, Output: "${Word}", Assign: {none: null}, End: true}
        """
    (tmp_path / "machine.asl.yaml").write_text(definition)

    arn = stack(machine(kind, location)).outputs["Arn"]

    kept = session.client("stepfunctions").describe_state_machine(stateMachineArn=arn)
    assert json.loads(kept["definition"])["States"]["Say"]["Assign"] == {"none": None}
    output = json.loads(kept["definition"])["States"]["Say"]["Output"]
    assert output.startswith("arn:aws:logs:eu-west-1:111122223333:log-group:stack-Group-")


def test_a_role_gets_its_inline_and_managed_policies(stack, session):
    role = stack(
        """
        Resources:
          Role:
            Type: AWS::IAM::Role
            Properties:
              AssumeRolePolicyDocument:
                Version: "2012-10-17"
                Statement:
                  - Effect: Allow
                    Principal: {Service: lambda.amazonaws.com}
                    Action: sts:AssumeRole
              ManagedPolicyArns:
                - arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole
                - !If [Never, arn:aws:iam::aws:policy/AdministratorAccess, !Ref AWS::NoValue]
        Conditions:
          Never: !Equals [a, b]
        Outputs:
          Name: {Value: !Ref Role}
        """
    ).outputs["Name"]

    attached = session.client("iam").list_attached_role_policies(RoleName=role)
    names = [policy["PolicyName"] for policy in attached["AttachedPolicies"]]
    assert names == ["AWSLambdaBasicExecutionRole"]


@pytest.mark.parametrize(
    "resource, message",
    [
        ("{Type: AWS::CodeStarNotifications::NotificationRule}", "does not support AWS::CodeStar"),
        (
            "{Type: AWS::Lambda::Function, Properties: {SnapStart: {ApplyOn: None}}}",
            r"\['SnapStart'\] of AWS::Lambda::Function",
        ),
    ],
)
def test_an_unsupported_resource_is_named_in_the_error(stack, resource, message):
    with pytest.raises(DeploymentFailed, match=f"Odd: .*{message}"):
        stack(f"Resources:\n  Odd: {resource}")


def test_the_api_also_refuses_unsupported_properties(session):
    schedule = {"Type": "AWS::Scheduler::Schedule", "Properties": {"KmsKeyArn": "key"}}

    with pytest.raises(ClientError, match=r"S: .* not support \['KmsKeyArn'\]"):
        session.client("cloudformation").create_stack(
            StackName="stack", TemplateBody=json.dumps({"Resources": {"S": schedule}})
        )
    assert session.client("cloudformation").list_stacks()["StackSummaries"] == []


def test_a_failing_resource_is_named_with_the_reason(stack):
    with pytest.raises(DeploymentFailed, match=r"Config \(AWS::Lambda::EventInvokeConfig\)"):
        stack(
            """
            Resources:
              Config:
                Type: AWS::Lambda::EventInvokeConfig
                Properties: {FunctionName: nobody, Qualifier: $LATEST}
            """
        )


def test_an_invalid_sam_template_is_refused(stack):
    with pytest.raises(DeploymentFailed, match="Invalid Serverless Application Specification"):
        stack("Resources:\n  App: {Type: AWS::Serverless::Function, Properties: {Handler: 1}}")


def test_a_named_role_needs_the_capability_for_named_roles(stack):
    role = """
    Resources:
      Role:
        Type: AWS::IAM::Role
        Properties:
          RoleName: named
          AssumeRolePolicyDocument: {Version: "2012-10-17", Statement: []}
    """
    with pytest.raises(DeploymentFailed, match="CAPABILITY_NAMED_IAM"):
        stack(role)

    assert stack(role, capabilities=("CAPABILITY_NAMED_IAM",)).resource("Role") == "named"


@pytest.mark.parametrize(
    "parameter, value, message",
    [
        ("{Type: String}", None, r"Parameters: \[P\] must have values"),
        ("{Type: String, AllowedValues: [a, b]}", "c", "Parameter 'P' must be one of AllowedVal"),
        ("{Type: String, AllowedPattern: '[a-z]+'}", "A", "Parameter 'P' must match pattern"),
        ("{Type: String, MaxLength: 2}", "abc", "Parameter 'P' must contain at most 2 characters"),
        ("{Type: String, MinLength: 2}", "a", "Parameter 'P' must contain at least 2 characters"),
        ("{Type: Number, MinValue: 5}", "4", "Parameter 'P' must be a number not less than 5"),
        ("{Type: Number, MaxValue: 5}", "6", "Parameter 'P' must be a number not greater than 5"),
        ("{Type: Number}", "many", "Parameter 'P' must be a number"),
        (
            "{Type: String, MaxLength: 1, ConstraintDescription: must be a letter.}",
            "ab",
            "Parameter P failed to satisfy constraint: must be a letter.",
        ),
    ],
)
def test_parameters_must_meet_their_constraints(stack, parameter, value, message):
    given = {} if value is None else {"P": value}
    with pytest.raises(DeploymentFailed, match=message):
        stack(
            f"Parameters:\n  P: {parameter}\nResources:\n  Group: {{Type: AWS::Logs::LogGroup}}",
            parameters=given,
        )


def test_a_package_contains_the_directory_without_compiled_files(stack, session, tmp_path):
    name = stack(FUNCTION).outputs["Name"]

    location = session.client("lambda").get_function(FunctionName=name)["Code"]["Location"]
    key = urllib.parse.urlparse(location).path.removeprefix("/")
    bucket = "aws-sam-cli-managed-default-111122223333-eu-west-1"
    body = session.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    assert zipfile.ZipFile(io.BytesIO(body)).namelist() == ["app.py"]
    assert body == zipped(tmp_path / "src")


@pytest.mark.parametrize("kind, location", MACHINES)
def test_a_definition_with_yaml_aliases_is_refused_as_cloudformation_refuses_it(
    stack, tmp_path, kind, location
):
    definition = """
        QueryLanguage: JSONata
        StartAt: Say
        States:
          Say: {Type: Pass, Output: &word "again", Assign: {word: *word}, End: true}
        """
    (tmp_path / "machine.asl.yaml").write_text(definition)

    with pytest.raises(DeploymentFailed, match=r"Machine .*line 5: .* the YAML alias \*word"):
        stack(machine(kind, location))


@pytest.mark.parametrize("text", ["Resources: [1", "hello", "[1]", "", "a: 2026-01-05", "\t- x: ["])
def test_a_file_that_is_not_a_template_is_refused(cloud, tmp_path, text):
    path = tmp_path / "template.yaml"
    path.write_text(text)

    with pytest.raises(DeploymentFailed):
        deploy(cloud, path)
