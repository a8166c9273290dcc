"""Resources that the contract tests share. Each is created when a test first needs it."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

from tests.contract.aws import PATH, PREFIX, Aws

# Records jobs and events. It never answers a job and never keeps credentials.
RECORDER = """
import json
import time

import boto3

KEYS = ("accessKeyId", "secretAccessKey", "sessionToken")

def handler(event, context):
    at = time.time()
    job = event.get("CodePipeline.job")
    if job:
        credentials = job["data"]["artifactCredentials"]
        credentials.update({name: "removed" for name in KEYS if name in credentials})
    asked = job["data"]["actionConfiguration"]["configuration"] if job else {}
    fails = asked.get("UserParameters", "").startswith("fail")
    identity = job["id"] if job else event["id"]
    item = {
        "id": {"S": f"{identity} {at}" if fails else identity},
        "at": {"N": str(at)},
        "document": {"S": json.dumps(event)},
    }
    boto3.client("dynamodb").put_item(TableName=context.function_name, Item=item)
    if fails:
        raise ValueError("as the test wants")
    return "x" * event.get("size", 0)
"""
OBJECT = "source.zip"


def _once(create: Callable[[Aws], Any]) -> Callable[[Aws], Any]:
    def get(aws: Aws) -> Any:
        if create.__name__ not in aws.shared:
            aws.shared[create.__name__] = create(aws)
        return aws.shared[create.__name__]

    return get


@_once
def bucket(aws: Aws) -> str:
    """The name of a versioned bucket for sources and artifacts. It contains one object."""
    s3, name = aws.client("s3"), aws.name("bucket")
    elsewhere = aws.region != "us-east-1"
    place = {"CreateBucketConfiguration": {"LocationConstraint": aws.region}} if elsewhere else {}
    s3.create_bucket(Bucket=name, **place)
    s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": aws.tags()})
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket=name, Key=OBJECT, Body=_zip("empty.txt", ""))
    return name


def role(
    aws: Aws, what: str, trusted: dict[str, Any], *statements: dict[str, Any], key: str = ""
) -> str:
    """The ARN of a role with the given permissions. Tests that use the same key share the role."""
    if key and key in aws.shared:
        return str(aws.shared[key])
    iam, name = aws.client("iam"), aws.name(what)
    trust = {"Effect": "Allow", "Principal": trusted, "Action": "sts:AssumeRole"}
    arn = iam.create_role(
        RoleName=name, Path=PATH, AssumeRolePolicyDocument=_policy(trust), Tags=aws.tags()
    )["Role"]["Arn"]
    if statements:
        iam.put_role_policy(
            RoleName=name, PolicyName="allowed", PolicyDocument=_policy(*statements)
        )
    if key:
        aws.shared[key] = arn
    return str(arn)


def pipeline_role(aws: Aws) -> str:
    """The role of the pipelines. It may use every resource whose name has the prefix."""
    own = f"{aws.region}:{aws.account}"
    named = [
        f"arn:aws:lambda:{own}:function:{PREFIX}*",
        f"arn:aws:states:{own}:stateMachine:{PREFIX}*",
        f"arn:aws:states:{own}:execution:{PREFIX}*",
        f"arn:aws:codepipeline:{own}:{PREFIX}*",
        f"arn:aws:s3:::{PREFIX}*",
    ]
    actions = ["lambda:InvokeFunction", "codepipeline:StartPipelineExecution"]
    actions += ["s3:*", "states:StartExecution", "states:Describe*"]
    return role(
        aws,
        "pipelines",
        {"Service": "codepipeline.amazonaws.com"},
        {"Effect": "Allow", "Action": actions, "Resource": named},
        {"Effect": "Allow", "Action": "lambda:ListFunctions", "Resource": "*"},
        key="pipeline_role",
    )


@_once
def recorder(aws: Aws) -> str:
    """The name of the function that records jobs and events. Its table has the same name."""
    name = aws.name("recorder")
    aws.client("dynamodb").create_table(
        TableName=name,
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
        Tags=aws.tags(),
    )
    table = f"arn:aws:dynamodb:{aws.region}:{aws.account}:table/{name}"
    may_record = {"Effect": "Allow", "Action": "dynamodb:PutItem", "Resource": table}
    arn = role(aws, "recorder", {"Service": "lambda.amazonaws.com"}, may_record)
    functions = aws.client("lambda")
    aws.accepted(
        lambda: functions.create_function(
            FunctionName=name,
            Runtime="python3.13",
            Handler="recorder.handler",
            Role=arn,
            Timeout=30,
            Code={"ZipFile": _zip("recorder.py", RECORDER)},
            Tags=aws.tag,
        )
    )
    aws.until(lambda: _is_active(aws, name), what="the table and the function are active")
    aws.until(lambda: _records(aws, name), what="the function may write to the table")
    return name


def _is_active(aws: Aws, name: str) -> bool:
    table = aws.client("dynamodb").describe_table(TableName=name)["Table"]["TableStatus"]
    function = aws.client("lambda").get_function(FunctionName=name)["Configuration"]
    return bool(table == "ACTIVE" and function.get("State", "Active") == "Active")


def _records(aws: Aws, name: str) -> bool:
    answer = aws.client("lambda").invoke(FunctionName=name, Payload=b'{"id": "ready"}')
    return "FunctionError" not in answer


def recorded(aws: Aws, text: str) -> list[tuple[float, dict[str, Any]]]:
    """The recorded jobs and events that contain a text, each with its time, oldest first."""
    table = recorder(aws)
    wanted = {
        "FilterExpression": "contains(document, :text)",
        "ExpressionAttributeValues": {":text": {"S": text}},
    }
    items: list[dict[str, Any]] = []
    more: dict[str, Any] = {}
    while True:
        page = aws.client("dynamodb").scan(TableName=table, **wanted, **more)
        items += page["Items"]
        if "LastEvaluatedKey" not in page:
            break
        more = {"ExclusiveStartKey": page["LastEvaluatedKey"]}
    found = [(float(item["at"]["N"]), json.loads(item["document"]["S"])) for item in items]
    return sorted(found, key=lambda each: each[0])


@_once
def listening(aws: Aws) -> str:
    """Record the events of the pipelines whose names begin with a prefix, and return the prefix."""
    name = aws.name("heard")
    prefix = f"{PREFIX}{aws.run_id}-heard"
    pattern = {"source": ["aws.codepipeline"], "detail": {"pipeline": [{"prefix": prefix}]}}
    events = aws.client("events")
    arn = events.put_rule(Name=name, EventPattern=json.dumps(pattern), Tags=aws.tags())["RuleArn"]
    record(aws, arn, name)
    aws.wait(60)  # a new rule takes a while to receive events
    return prefix


def record(aws: Aws, rule_arn: str, name: str, **place: str) -> None:
    function = recorder(aws)
    aws.client("lambda").add_permission(
        FunctionName=function,
        StatementId=name,
        Action="lambda:InvokeFunction",
        Principal="events.amazonaws.com",
        SourceArn=rule_arn,
    )
    arn = f"arn:aws:lambda:{aws.region}:{aws.account}:function:{function}"
    targets = [{"Id": "recorder", "Arn": arn}]
    aws.client("events").put_targets(Rule=name, Targets=targets, **place)


@_once
def work_type(aws: Aws) -> dict[str, str]:
    """A custom action type. The tests answer its jobs."""
    provider = aws.name("work")
    aws.client("codepipeline").create_custom_action_type(
        category="Test",
        provider=provider,
        version="1",
        settings={
            "entityUrlTemplate": "https://example.com/{Config:Pipeline}",
            "executionUrlTemplate": "https://example.com/{Config:Pipeline}/{ExternalExecutionId}",
        },
        configurationProperties=[
            {"name": "Pipeline", "required": True, "key": True, "secret": False, "queryable": True},
            {"name": "Text", "required": False, "key": False, "secret": False},
        ],
        inputArtifactDetails={"minimumCount": 0, "maximumCount": 1},
        outputArtifactDetails={"minimumCount": 0, "maximumCount": 1},
        tags=aws.tags("key", "value"),
    )
    return {"category": "Test", "owner": "Custom", "provider": provider, "version": "1"}


def _policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def _zip(name: str, text: str) -> bytes:
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as archive:
        member = zipfile.ZipInfo(name)
        member.external_attr = 0o644 << 16  # Lambda must be able to read the file
        archive.writestr(member, text)
    return package.getvalue()
