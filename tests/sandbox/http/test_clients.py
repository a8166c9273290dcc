"""Independent clients over HTTP: boto3's paginators, the AWS CLI, and several clients at once."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from urllib.request import urlopen

import pytest

from tests.sandbox.http.served import Served, run, until

# All tests in the group share one server.
pytestmark = pytest.mark.xdist_group("server")

NAME = "paged"
TARGET = "started-by-a-rule"
SCHEDULED = "started-by-a-schedule"


@pytest.fixture(scope="module")
def execution_ids(served: Served) -> list[str]:
    """The ids of six executions of a new pipeline, newest first.

    Creating the pipeline starts the first one. Five clients then start the others at the same time.
    """
    client = served.client("codepipeline")
    declaration = client.get_pipeline(name="MyFirstPipeline")["pipeline"]
    changed = {"name": NAME, "executionMode": "PARALLEL", "pipelineType": "V2"}
    client.create_pipeline(pipeline=declaration | changed)

    def start(_: int) -> str:
        started = served.client("codepipeline").start_pipeline_execution(name=NAME)
        return str(started["pipelineExecutionId"])

    with ThreadPoolExecutor(max_workers=5) as pool:
        started = set(pool.map(start, range(5)))
    listed = client.list_pipeline_executions(pipelineName=NAME)["pipelineExecutionSummaries"]
    ids = [str(each["pipelineExecutionId"]) for each in listed]
    assert set(ids[:-1]) == started
    assert len(ids) == 6
    assert listed[-1]["trigger"]["triggerType"] == "CreatePipeline"
    return ids


def test_boto3s_paginators_return_everything_exactly_once(
    served: Served, execution_ids: list[str]
) -> None:
    client = served.client("codepipeline")

    def pages(operation: str, **query: object) -> list[dict[str, list[dict[str, str]]]]:
        paginator = client.get_paginator(operation)
        return list(paginator.paginate(**query, PaginationConfig={"PageSize": 2}))

    executions = pages("list_pipeline_executions", pipelineName=NAME)
    pipelines = pages("list_pipelines")

    assert [len(page["pipelineExecutionSummaries"]) for page in executions] == [2, 2, 2]
    assert [
        each["pipelineExecutionId"]
        for page in executions
        for each in page["pipelineExecutionSummaries"]
    ] == execution_ids
    names = [each["name"] for page in pipelines for each in page["pipelines"]]
    assert [name for name in names if name not in {TARGET, SCHEDULED}] == [
        "MyFirstPipeline",
        NAME,
        "release",
    ]


def test_the_aws_cli_pages_through_action_executions(
    served: Served, execution_ids: list[str]
) -> None:
    query = f"--pipeline-name {NAME} --page-size 1"
    ids = "actionExecutionDetails[?actionName=='Checkout'].pipelineExecutionId"

    listed = run(served, f'aws codepipeline list-action-executions {query} --query "{ids}"')

    assert sorted(json.loads(listed)) == sorted(execution_ids)


def test_the_aws_cli_disables_and_enables_a_transition(served: Served) -> None:
    name = "MyFirstPipeline"
    place = f"--pipeline-name {name} --stage-name Build --transition-type Inbound"
    state = f"aws codepipeline get-pipeline-state --name {name}"
    asked = "--query 'stageStates[1].inboundTransitionState.enabled'"

    answers = run(
        served,
        f"""aws codepipeline disable-stage-transition {place} --reason freeze
{state} {asked}
aws codepipeline enable-stage-transition {place}
{state} {asked}""",
    )

    assert answers.split() == ["false", "true"]


def test_tables_can_be_read_and_written(served: Served) -> None:
    # given
    dynamodb = served.client("dynamodb")
    dynamodb.create_table(
        TableName="Mine",
        AttributeDefinitions=[{"AttributeName": "run", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "run", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    key = {"run": {"S": "1"}}
    counted = {
        "TableName": "Mine",
        "Key": key,
        "UpdateExpression": "SET heard = :one",
        "ConditionExpression": "attribute_not_exists(heard)",
        "ExpressionAttributeValues": {":one": {"N": "1"}},
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }

    # when
    dynamodb.update_item(**counted)
    with pytest.raises(dynamodb.exceptions.ConditionalCheckFailedException) as caught:
        dynamodb.update_item(**counted)
    asked = f"--table-name Mine --key '{json.dumps(key)}' --query Item.heard.N"
    listed = run(served, f"aws dynamodb get-item {asked}")

    # then
    assert caught.value.response["Item"] == {**key, "heard": {"N": "1"}}
    assert json.loads(listed) == "1"


@pytest.mark.rule("V16")
def test_the_aws_cli_creates_a_rule_that_starts_a_pipeline(served: Served) -> None:
    arn = f"arn:aws:codepipeline:eu-west-1:111122223333:{TARGET}"
    trust = _policy(Principal={"Service": "events.amazonaws.com"}, Action="sts:AssumeRole")
    allow = _policy(Action="codepipeline:StartPipelineExecution", Resource=arn)
    pattern = json.dumps({"source": ["mine"], "detail": {"n": [{"numeric": [">", 1]}]}})
    client = served.client("codepipeline")
    declaration = client.get_pipeline(name="MyFirstPipeline")["pipeline"]
    client.create_pipeline(pipeline=declaration | {"name": TARGET})

    run(
        served,
        f"""aws iam create-role --role-name starter --assume-role-policy-document '{trust}'
aws iam put-role-policy --role-name starter --policy-name p --policy-document '{allow}'
aws events put-rule --name starter --event-pattern '{pattern}'
aws events put-targets --rule starter \
    --targets Id=t,Arn={arn},RoleArn=arn:aws:iam::111122223333:role/starter
aws events put-events --entries '{json.dumps([_entry(n=1), _entry(n=2)])}'""",
    )

    def triggers() -> list[str]:
        found = client.list_pipeline_executions(pipelineName=TARGET)["pipelineExecutionSummaries"]
        return [each["trigger"]["triggerType"] for each in found]

    until({"['CloudWatchEvent', 'CreatePipeline']"}, triggers)


@pytest.mark.rule("V16")
def test_the_aws_cli_creates_a_schedule_that_starts_a_pipeline(served: Served) -> None:
    arn = f"arn:aws:codepipeline:eu-west-1:111122223333:{SCHEDULED}"
    trust = _policy(Principal={"Service": "scheduler.amazonaws.com"}, Action="sts:AssumeRole")
    allow = _policy(Action="codepipeline:StartPipelineExecution", Resource=arn)
    target = json.dumps({"Arn": arn, "RoleArn": "arn:aws:iam::111122223333:role/scheduler"})
    client = served.client("codepipeline")
    declaration = client.get_pipeline(name="MyFirstPipeline")["pipeline"]
    client.create_pipeline(pipeline=declaration | {"name": SCHEDULED})

    run(
        served,
        f"""aws iam create-role --role-name scheduler --assume-role-policy-document '{trust}'
aws iam put-role-policy --role-name scheduler --policy-name p --policy-document '{allow}'
aws scheduler create-schedule --name yearly --schedule-expression 'rate(365 days)' \
    --flexible-time-window Mode=OFF --target '{target}'""",
    )

    def triggers() -> list[str]:
        found = client.list_pipeline_executions(pipelineName=SCHEDULED)
        return [each["trigger"]["triggerType"] for each in found["pipelineExecutionSummaries"]]

    until({"['StartPipelineExecution', 'CreatePipeline']"}, triggers)


@pytest.mark.rule("V15")
def test_the_aws_cli_tests_an_event_pattern(served: Served) -> None:
    event = json.dumps(
        {
            "id": "1",
            "account": "111122223333",
            "source": "mine",
            "time": "2026-01-05T09:00:00Z",
            "region": "eu-west-1",
            "resources": [],
            "detail-type": "t",
            "detail": {"n": 2},
        }
    )
    asked = f"aws events test-event-pattern --event '{event}' --query Result --event-pattern"

    answers = run(
        served,
        f"""{asked} '{{"detail": {{"n": [2]}}}}'
{asked} '{{"detail": {{"n": [3]}}}}'
{asked} '{{"detail": {{"n": [{{"prefix": 3}}]}}}}' 2>&1 || echo refused""",
    )

    assert answers.split()[:2] == ["true", "false"]
    assert "(InvalidEventPatternException)" in answers
    assert "Reason: prefix match pattern must be a string" in answers
    assert answers.endswith("refused\n")


@pytest.mark.rule("V7", "V17")
def test_the_aws_cli_cannot_add_a_sixth_target_or_reuse_a_name(served: Served) -> None:
    topic = json.loads(run(served, "aws sns create-topic --name six --query TopicArn"))
    targets = " ".join(f"Id={number},Arn={topic}" for number in range(5))
    key = '{"ApiKeyAuthParameters": {"ApiKeyName": "k", "ApiKeyValue": "v"}}'
    connect = (
        "aws events create-connection --name it --authorization-type API_KEY "
        f"--auth-parameters '{key}'"
    )

    answers = run(
        served,
        f"""aws events put-rule --name six --event-pattern '{{"source": ["none"]}}'
aws events put-targets --rule six --targets {targets}
aws events put-targets --rule six --targets Id=6,Arn={topic} 2>&1 || echo refused
{connect}
{connect} 2>&1 || echo refused""",
    )

    assert "(LimitExceededException)" in answers
    assert "(ResourceAlreadyExistsException)" in answers
    assert answers.count("refused\n") == 2


def test_several_clients_are_served_at_the_same_time(served: Served) -> None:
    def pipelines(account: str) -> list[str]:
        listed = served.client("codepipeline", account).list_pipelines()["pipelines"]
        return sorted(pipeline["name"] for pipeline in listed)

    accounts = ["111122223333", "222233334444", "333344445555"] * 4
    with ThreadPoolExecutor(max_workers=len(accounts)) as pool:
        answers = list(pool.map(pipelines, accounts))

    here = sorted(answers[0])
    assert {"MyFirstPipeline", "release"} <= set(here)
    assert answers == [here, ["web"], ["database"]] * 4


@pytest.mark.rule("H2")
def test_a_presigned_url_is_answered_for_its_signers_account(served: Served) -> None:
    # given an object in an account other than the server's
    s3 = served.client("s3", "333344445555")
    place = {"LocationConstraint": "eu-west-1"}
    s3.create_bucket(Bucket="presigned", CreateBucketConfiguration=place)
    s3.put_object(Bucket="presigned", Key="a.txt", Body=b"hello")
    asked = {"Bucket": "presigned", "Key": "a.txt"}

    # when
    of_object = fetched(s3.generate_presigned_url("get_object", asked))
    sts = served.client("sts", "333344445555")
    identity = fetched(sts.generate_presigned_url("get_caller_identity"))

    # then
    assert of_object == b"hello"
    assert b"<Arn>arn:aws:iam::333344445555:root</Arn>" in identity


def fetched(url: str) -> bytes:
    with urlopen(url) as response:  # noqa: S310 - a URL of the server
        return bytes(response.read())


def _policy(**statement: object) -> str:
    statements = [{"Effect": "Allow", **statement}]
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def _entry(**detail: int) -> dict[str, str]:
    return {"Source": "mine", "DetailType": "t", "Detail": json.dumps(detail)}
