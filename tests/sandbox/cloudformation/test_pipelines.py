import json

import pytest

from codepipeline_sandbox.cloudformation import DeploymentFailed
from codepipeline_sandbox.codepipeline import Settings, settings

ROLE = """
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: {Service: codepipeline.amazonaws.com}
            Action: sts:AssumeRole
"""
STAGES = """
      Stages:
        - Name: Source
          Actions:
            - Name: Checkout
              ActionTypeId: {Category: Source, Owner: AWS, Provider: S3, Version: 1}
              Configuration: {S3Bucket: code, S3ObjectKey: app.zip, PollForSourceChanges: false}
              OutputArtifacts: [{Name: App}]
        - Name: Release
          Actions:
            - Name: Ask
              ActionTypeId: {Category: Invoke, Owner: AWS, Provider: Lambda, Version: "1"}
              Configuration:
                FunctionName: ask
                UserParameters: {targetname: web, tries: 3}
              InputArtifacts: [{Name: App}]
              RunOrder: "2"
"""
PIPELINE = f"""{ROLE}
  Pipeline:
    Type: AWS::CodePipeline::Pipeline
    Properties:
      RoleArn: !GetAtt Role.Arn
      PipelineType: V2
      ExecutionMode: QUEUED
      RestartExecutionOnUpdate: "true"
      ArtifactStores:
        - Region: eu-west-1
          ArtifactStore:
            Type: S3
            Location: artifacts
            EncryptionKey: {{Id: alias/artifacts, Type: KMS}}
      Variables: [{{Name: Tag, DefaultValue: 1}}]
      Tags: [{{Key: team, Value: web}}]
{STAGES}
Outputs:
  Name: {{Value: !Ref Pipeline}}
  Version: {{Value: !GetAtt Pipeline.Version}}
"""


@pytest.fixture
def client(session):
    return session.client("codepipeline")


@pytest.mark.rule("P12")
def test_a_stack_can_declare_pipelines_in_cloudformation_spelling(stack, client):
    # when
    made = stack(PIPELINE)

    # then
    name = made.outputs["Name"]
    assert name.startswith("stack-Pipeline-")
    assert made.outputs["Version"] == "1"
    answer = client.get_pipeline(name=name)
    pipeline = answer["pipeline"]
    store = pipeline["artifactStores"]["eu-west-1"]
    assert store["encryptionKey"] == {"id": "alias/artifacts", "type": "KMS"}
    assert (pipeline["pipelineType"], pipeline["executionMode"]) == ("V2", "QUEUED")
    assert pipeline["variables"] == [{"name": "Tag", "defaultValue": "1"}]
    [[checkout], [ask]] = [stage["actions"] for stage in pipeline["stages"]]
    assert checkout["actionTypeId"]["version"] == "1"
    assert checkout["configuration"]["PollForSourceChanges"] == "false"
    assert (ask["runOrder"], ask["inputArtifacts"]) == (2, [{"name": "App"}])
    parameters = json.loads(ask["configuration"]["UserParameters"])
    assert parameters == {"targetname": "web", "tries": 3}
    tags = client.list_tags_for_resource(resourceArn=answer["metadata"]["pipelineArn"])["tags"]
    assert tags == [{"key": "team", "value": "web"}]


@pytest.mark.rule("P12")
def test_pipelines_in_a_stack_run(stack, client, cloud):
    # given
    settings.use(Settings(create_starts_execution=True))

    # when
    name = stack(PIPELINE).outputs["Name"]
    cloud.world.run()

    # then
    [execution] = client.list_pipeline_executions(pipelineName=name)["pipelineExecutionSummaries"]
    assert execution["status"] == "Failed"  # the pipeline's role may not invoke the function
    assert execution["trigger"] == {
        "triggerType": "CreatePipeline",
        "triggerDetail": "arn:aws:iam::111122223333:root",
    }


@pytest.mark.rule("P12")
def test_stages_in_a_stack_can_have_conditions(stack, client):
    # given
    conditions = """
          BeforeEntry:
            Conditions:
              - Result: FAIL
                Rules:
                  - Name: Open
                    RuleTypeId: {Category: Rule, Owner: AWS, Provider: DeploymentWindow, Version: 1}
                    Configuration: {Cron: "* * * * ? *", TimeZone: UTC}
          OnFailure: {Result: RETRY, RetryConfiguration: {RetryMode: ALL_ACTIONS}}"""

    # when
    made = stack(PIPELINE.replace("- Name: Release", f"- Name: Release{conditions}"))

    # then
    release = client.get_pipeline(name=made.outputs["Name"])["pipeline"]["stages"][1]
    [rule] = release["beforeEntry"]["conditions"][0]["rules"]
    assert rule["ruleTypeId"]["version"] == "1"
    assert rule["configuration"] == {"Cron": "* * * * ? *", "TimeZone": "UTC"}
    retry = {"result": "RETRY", "retryConfiguration": {"retryMode": "ALL_ACTIONS"}}
    assert release["onFailure"] == retry


@pytest.mark.rule("P12")
def test_pipelines_are_deleted_with_their_stack(stack, client):
    # given
    made = stack(PIPELINE)

    # when
    made.delete()

    # then
    assert client.list_pipelines()["pipelines"] == []


@pytest.mark.rule("P12")
def test_a_pipeline_in_a_stack_can_have_its_own_name(stack, client):
    # when
    stack(PIPELINE.replace("PipelineType: V2", "PipelineType: V2\n      Name: release"))

    # then
    assert [each["name"] for each in client.list_pipelines()["pipelines"]] == ["release"]


@pytest.mark.rule("P12")
def test_transitions_into_stages_can_be_disabled_from_the_start(stack, client):
    # given
    closed = "DisableInboundStageTransitions: [{StageName: Release, Reason: later}]"

    # when
    name = stack(PIPELINE.replace("PipelineType: V2", f"PipelineType: V2\n      {closed}")).outputs

    # then
    states = client.get_pipeline_state(name=name["Name"])["stageStates"]
    [source, release] = [state["inboundTransitionState"] for state in states]
    assert source["enabled"]
    assert (release["enabled"], release["disabledReason"]) == (False, "later")


@pytest.mark.rule("P12")
@pytest.mark.parametrize(
    "written,instead,message",
    [
        ("InputArtifacts: [{Name: App}]", "InputArtifacts: [{Name: Web}]", "Web in action Ask"),
        ("PipelineType: V2", "PipelineType: V3", r"\[V1, V2\]"),
        ("RoleArn: !GetAtt Role.Arn", "Name: release", "pipeline.roleArn"),
        ('RunOrder: "2"', "Order: 2", "property Stages/1/Actions/0/Order"),
        ("PipelineType: V2", "Color: red", "Color"),
        (
            "ExecutionMode: QUEUED",
            "DisableInboundStageTransitions: [{StageName: Release}]",
            "at 'reason'",
        ),
        (
            "ExecutionMode: QUEUED",
            "DisableInboundStageTransitions: [{StageName: Relase, Reason: later}]",
            "no stage 'Relase'",
        ),
        ("- Region: eu-west-1", "- Area: here", "must have a Region"),
        ("PipelineType: V2", "Version: 7", "Version"),
        ("FunctionName: ask", "Function: ask", "unknown configuration 'Function'"),
    ],
)
def test_errors_from_codepipeline_fail_the_stack(stack, client, written, instead, message):
    with pytest.raises(DeploymentFailed, match=f"Pipeline.*{message}"):
        stack(PIPELINE.replace(written, instead))
    assert client.list_pipelines()["pipelines"] == []


@pytest.mark.rule("P12")
def test_updating_pipelines_in_a_stack_is_refused(stack, session):
    # given
    template = json.dumps(
        {
            "Resources": {
                "Pipeline": {
                    "Type": "AWS::CodePipeline::Pipeline",
                    "Properties": {"RoleArn": "changed"},
                }
            }
        }
    )
    stack(PIPELINE)

    stacks = session.client("cloudformation")

    # when
    stacks.update_stack(StackName="stack", TemplateBody=template)

    # then
    events = stacks.describe_stack_events(StackName="stack")["StackEvents"]
    assert events[0]["ResourceStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    (reason,) = [
        each["ResourceStatusReason"]
        for each in events
        if (each["LogicalResourceId"], each["ResourceStatus"]) == ("Pipeline", "UPDATE_FAILED")
    ]
    assert "does not support updates of AWS::CodePipeline::Pipeline" in reason
