"""Independent clients over HTTP: boto3's paginators, the AWS CLI, and several clients at once."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.sandbox.server.served import Served, run

# These tests share one server with the other tests in its group.
pytestmark = pytest.mark.xdist_group("server")

NAME = "paged"


@pytest.fixture(scope="module")
def execution_ids(served: Served) -> list[str]:
    """Five executions of a separate pipeline, newest first, started by five clients at once."""
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
    assert set(ids) == started
    assert len(ids) == 5
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

    assert [len(page["pipelineExecutionSummaries"]) for page in executions] == [2, 2, 1]
    assert [
        each["pipelineExecutionId"]
        for page in executions
        for each in page["pipelineExecutionSummaries"]
    ] == execution_ids
    names = [each["name"] for page in pipelines for each in page["pipelines"]]
    assert names == ["MyFirstPipeline", NAME, "release"]


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


def test_several_clients_are_answered_at_once(served: Served) -> None:
    def pipelines(account: str) -> list[str]:
        listed = served.client("codepipeline", account).list_pipelines()["pipelines"]
        return sorted(pipeline["name"] for pipeline in listed)

    accounts = ["111122223333", "222233334444", "333344445555"] * 4
    with ThreadPoolExecutor(max_workers=len(accounts)) as pool:
        answers = list(pool.map(pipelines, accounts))

    here = sorted(answers[0])
    assert {"MyFirstPipeline", "release"} <= set(here)
    assert answers == [here, ["web"], ["database"]] * 4
