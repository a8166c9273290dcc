"""Functions that CodePipeline invokes, and what happens to a failing function's job."""

import json

import pytest

from tests.sandbox.codepipeline import declarations

ACCOUNT, REGION = "111122223333", "eu-west-1"
FAILING = """
def handler(event, context):
    print("job", event["CodePipeline.job"]["id"])
    raise ValueError("no")
"""


@pytest.fixture
def pipeline_role(cloud):
    iam = cloud.session(ACCOUNT, REGION).client("iam")
    principal = {"Service": "codepipeline.amazonaws.com"}
    trust = [{"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}]
    invoke = [{"Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": "*"}]
    role = iam.create_role(
        RoleName="pipeline",
        AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": trust}),
    )["Role"]
    iam.put_role_policy(
        RoleName="pipeline",
        PolicyName="invoke",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": invoke}),
    )
    return role["Arn"]


@pytest.mark.rule("J3", "J5")
def test_a_failing_function_gets_the_same_job_again_and_the_action_keeps_waiting(
    cloud, function, pipeline_role, texts
):
    # given
    function(FAILING, FunctionName="ask")
    codepipeline = cloud.session(ACCOUNT, REGION).client("codepipeline")
    stage = declarations.stage("Ask", declarations.function("Ask"))
    declaration = {**declarations.pipeline(stage), "roleArn": pipeline_role}
    codepipeline.create_pipeline(pipeline=declaration)
    start = cloud.world.now

    # when
    codepipeline.start_pipeline_execution(name="target")
    cloud.world.run()

    # then
    jobs = [text.split()[1] for text in texts() if text.startswith("job ")]
    assert len(jobs) == 3
    assert len(set(jobs)) == 1
    [summary] = codepipeline.list_pipeline_executions(pipelineName="target")[
        "pipelineExecutionSummaries"
    ]
    assert summary["status"] == "Failed"
    assert cloud.world.now - start >= 20 * 60


ANSWERING = """
import boto3

def handler(event, context):
    job = event["CodePipeline.job"]
    name = job["data"]["actionConfiguration"]["configuration"]["FunctionName"]
    print("invoked as", name, "at", context.invoked_function_arn)
    boto3.client("codepipeline").put_job_success_result(jobId=job["id"])
"""
ANSWERS = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Action": "codepipeline:PutJobSuccessResult", "Resource": "*"}
    ],
}
ASK = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:ask"


@pytest.mark.rule("A13")
@pytest.mark.parametrize(
    "name",
    [ASK, f"{ACCOUNT}:function:ask", f"{ASK}:$LATEST", f"{ASK}:1", f"{ASK}:live", "ask:live"],
)
def test_a_function_named_by_arn_version_or_alias_handles_the_job(
    cloud, function, pipeline_role, texts, name
):
    # given
    function(ANSWERING, FunctionName="ask", Policies=[ANSWERS])
    api = cloud.session(ACCOUNT, REGION).client("lambda")
    api.create_alias(
        FunctionName="ask",
        Name="live",
        FunctionVersion=api.publish_version(FunctionName="ask")["Version"],
    )
    codepipeline = cloud.session(ACCOUNT, REGION).client("codepipeline")
    ask = declarations.action("Ask", "Invoke", "Lambda", configuration={"FunctionName": name})
    pipeline = declarations.pipeline(declarations.stage("Ask", ask))
    codepipeline.create_pipeline(pipeline={**pipeline, "roleArn": pipeline_role})

    # when
    codepipeline.start_pipeline_execution(name="target")
    cloud.world.run()

    # then
    [summary] = codepipeline.list_pipeline_executions(pipelineName="target")[
        "pipelineExecutionSummaries"
    ]
    assert summary["status"] == "Succeeded"
    assert [text for text in texts() if text.startswith(f"invoked as {name} at {ASK}")] != []
