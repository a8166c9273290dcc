from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError, WaiterError

from codepipeline_sandbox.cloudformation.artifacts import load, zipped
from tests.sandbox.http.served import ROOT, Served, run, until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# All tests in the group share one server.
pytestmark = pytest.mark.xdist_group("server")

TOPIC = {"Type": "AWS::SNS::Topic"}
BROKEN = {
    "Type": "AWS::Lambda::EventInvokeConfig",
    "Properties": {"FunctionName": "nobody", "Qualifier": "$LATEST"},
    "DependsOn": "Topic",
}
FAST = {"Delay": 0, "MaxAttempts": 3}


@pytest.fixture
def account(served: Served) -> Iterator[str]:
    account = "444455556666"
    yield account
    stacks = served.client("cloudformation", account)
    for stack in stacks.describe_stacks()["Stacks"]:
        stacks.delete_stack(StackName=stack["StackName"])
    assert stacks.describe_stacks()["Stacks"] == []


def aws(served: Served, account: str, arguments: str) -> str:
    return run(served, f"AWS_ACCESS_KEY_ID=AKIA{account}ROOT aws cloudformation {arguments}")


def template(**resources: object) -> str:
    document = {
        "Parameters": {"Text": {"Type": "String", "Default": "first"}},
        "Resources": {"Topic": TOPIC, **resources},
        "Outputs": {"Text": {"Value": {"Ref": "Text"}}},
    }
    return json.dumps(document)


@pytest.mark.rule("G1")
def test_a_client_sees_why_its_stack_was_rolled_back(served: Served, account: str) -> None:
    # given
    stacks = served.client("cloudformation", account)
    body = json.dumps({"Resources": {"Topic": TOPIC, "Broken": BROKEN}})

    # when
    stacks.create_stack(StackName="broken", TemplateBody=body)
    with pytest.raises(WaiterError, match="ROLLBACK_COMPLETE"):
        stacks.get_waiter("stack_create_complete").wait(StackName="broken", WaiterConfig=FAST)

    # then
    failed = "StackEvents[?ResourceStatus=='CREATE_FAILED'].ResourceStatusReason"
    query = f'--query "{failed}" --output text'
    reason = aws(served, account, f"describe-stack-events --stack-name broken {query}")
    assert reason.startswith("Function not found")
    assert served.client("sns", account).list_topics()["Topics"] == []


@pytest.mark.rule("G1")
def test_after_a_failure_the_same_stack_can_be_deleted_and_created(
    served: Served, account: str
) -> None:
    # given
    stacks = served.client("cloudformation", account)
    stacks.create_stack(StackName="again", TemplateBody=template(Broken=BROKEN))

    # when
    stacks.delete_stack(StackName="again")
    stacks.get_waiter("stack_delete_complete").wait(StackName="again", WaiterConfig=FAST)
    stacks.create_stack(StackName="again", TemplateBody=template())
    stacks.get_waiter("stack_create_complete").wait(StackName="again", WaiterConfig=FAST)

    # then
    assert len(served.client("sns", account).list_topics()["Topics"]) == 1


@pytest.mark.rule("G4")
def test_the_aws_cli_deploys_and_updates_a_stack(
    served: Served, account: str, tmp_path: Path
) -> None:
    # given
    body = tmp_path / "template.json"
    deploy = f"deploy --stack-name deployed --template-file {body}"
    stacks = served.client("cloudformation", account)

    def text() -> str:
        (stack,) = stacks.describe_stacks(StackName="deployed")["Stacks"]
        return str(stack["Outputs"][0]["OutputValue"])

    # when
    body.write_text(template())
    created = aws(served, account, deploy)
    first = text()
    updated = aws(served, account, f"{deploy} --parameter-overrides Text=second")
    second = text()
    body.write_text(template(Other=TOPIC))
    aws(served, account, deploy)
    third = text()
    unchanged = aws(served, account, f"{deploy} --no-fail-on-empty-changeset")

    # then
    assert "Successfully created/updated stack - deployed" in created
    assert "Successfully created/updated stack - deployed" in updated
    assert "No changes to deploy. Stack deployed is up to date" in unchanged
    assert (first, second, third) == ("first", "second", "second")
    assert len(served.client("sns", account).list_topics()["Topics"]) == 2


@pytest.mark.rule("G1", "G4")
@pytest.mark.parametrize(
    "resource, message",
    [
        (BROKEN, "Failed to create/update the stack"),
        ({"Type": "Custom::Mine"}, "the sandbox does not support Custom::Mine"),
        (
            {
                "Type": "AWS::IAM::Role",
                "Properties": {"AssumeRolePolicyDocument": {"Statement": []}},
            },
            "InsufficientCapabilitiesException",
        ),
    ],
)
def test_the_aws_cli_fails_if_its_stack_does(
    served: Served, account: str, tmp_path: Path, resource: object, message: str
) -> None:
    body = tmp_path / "template.json"
    body.write_text(template(Broken=resource))

    with pytest.raises(AssertionError, match=message):
        aws(served, account, f"deploy --stack-name failing --template-file {body}")

    assert served.client("sns", account).list_topics()["Topics"] == []


@pytest.mark.rule("G4")
def test_the_aws_cli_deploys_a_template_from_a_bucket(
    served: Served, account: str, tmp_path: Path
) -> None:
    # given a template that is too large for a request
    served.client("s3", account).create_bucket(
        Bucket="templates", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    body = tmp_path / "template.json"
    large = {"Type": "AWS::SNS::Topic", "Metadata": {"Text": "a" * 60_000}}
    body.write_text(template(Large=large))

    # when
    deployed = aws(
        served,
        account,
        f"deploy --stack-name large --template-file {body} --s3-bucket templates",
    )

    # then
    assert "Successfully created/updated stack - large" in deployed


ROLE = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "codepipeline.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}
ANYTHING = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}


def packaged(served: Served, account: str, bucket: str) -> str:
    """Package this repository's template in a bucket, as the SAM CLI does, and return its URL."""
    s3 = served.client("s3", account)
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    document = load(ROOT / "template.yaml")
    machine = document["Resources"]["PipelineRunStateMachine"]["Properties"]
    definition = (ROOT / machine["DefinitionS3Location"]).read_bytes()
    machine["DefinitionS3Location"] = {"Bucket": bucket, "Key": "definition"}
    document["Globals"]["Function"]["CodeUri"] = f"s3://{bucket}/code"
    s3.put_object(Bucket=bucket, Key="definition", Body=definition)
    s3.put_object(Bucket=bucket, Key="code", Body=zipped(ROOT / "functions"))
    s3.put_object(Bucket=bucket, Key="template", Body=json.dumps(document).encode())
    return f"http://127.0.0.1:{served.port}/{bucket}/template"


@pytest.fixture
def pipeline(served: Served, account: str) -> str:
    iam, client = served.client("iam", account), served.client("codepipeline", account)
    role = iam.create_role(RoleName="Pipeline", AssumeRolePolicyDocument=json.dumps(ROLE))
    iam.put_role_policy(
        RoleName="Pipeline", PolicyName="Anything", PolicyDocument=json.dumps(ANYTHING)
    )
    first = served.client("codepipeline").get_pipeline(name="MyFirstPipeline")["pipeline"]
    mine = {"name": "mine", "roleArn": role["Role"]["Arn"], "pipelineType": "V2"}
    client.create_pipeline(pipeline=first | mine)
    return "mine"


@pytest.mark.rule("G5")
def test_a_packaged_sam_template_is_deployed_and_its_state_machine_runs(
    served: Served, account: str, pipeline: str
) -> None:
    # given
    stacks = served.client("cloudformation", account)
    change_set = {"StackName": "orchestrator", "ChangeSetName": "first"}

    # when
    stacks.create_change_set(
        **change_set,
        ChangeSetType="CREATE",
        TemplateURL=packaged(served, account, "packages"),
        Parameters=[{"ParameterKey": "LocalPipelineNames", "ParameterValue": pipeline}],
        Capabilities=["CAPABILITY_IAM"],
    )
    stacks.get_waiter("change_set_create_complete").wait(**change_set, WaiterConfig=FAST)
    stacks.execute_change_set(**change_set)
    stacks.get_waiter("stack_create_complete").wait(StackName="orchestrator", WaiterConfig=FAST)

    # then
    (stack,) = stacks.describe_stacks(StackName="orchestrator")["Stacks"]
    outputs = {each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]}
    stepfunctions = served.client("stepfunctions", account)
    run_ = stepfunctions.start_execution(
        stateMachineArn=outputs["StateMachineArn"], input=json.dumps({"pipelineName": pipeline})
    )["executionArn"]
    status = until(
        {"SUCCEEDED", "FAILED"},
        lambda: stepfunctions.describe_execution(executionArn=run_)["status"],
    )
    assert status == "SUCCEEDED"


@pytest.mark.rule("G5")
def test_a_sam_template_needs_its_capabilities(served: Served, account: str) -> None:
    # given
    stacks = served.client("cloudformation", account)
    url = packaged(served, account, "more-packages")

    # when
    with pytest.raises(ClientError, match=r"Requires capabilities : \[CAPABILITY_AUTO_EXPAND\]"):
        stacks.create_stack(StackName="refused", TemplateURL=url, Capabilities=["CAPABILITY_IAM"])
    stacks.create_change_set(
        StackName="failed", ChangeSetName="c", ChangeSetType="CREATE", TemplateURL=url
    )
    with pytest.raises(ClientError, match="S3 error: The specified key does not exist"):
        stacks.create_stack(StackName="refused", TemplateURL=f"{url}s")

    # then
    described = stacks.describe_change_set(ChangeSetName="c", StackName="failed")
    assert described["Status"] == "FAILED"
    assert described["StatusReason"] == "Requires capabilities : [CAPABILITY_IAM]"
