"""Wakes the runs that wait for the target execution which an event is about."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from codepipeline_orchestrator import clock
from codepipeline_orchestrator.aws import clients
from codepipeline_orchestrator.aws.answers import PipelineEvent, read_answer
from codepipeline_orchestrator.aws.client_errors import code_of
from codepipeline_orchestrator.model.listening import KEPT, waits_key
from codepipeline_orchestrator.telemetry import count, logged, logger

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_stepfunctions import SFNClient

_ENDS = {"SUCCEEDED", "FAILED", "STOPPED", "SUPERSEDED", "CANCELED"}
_EXECUTION = "CodePipeline Pipeline Execution State Change"
_ACTION = "CodePipeline Action Execution State Change"
_WAIT = "wait:"


@logged
def handler(event: dict[str, Any], context: LambdaContext) -> None:  # noqa: ARG001
    """Note the event, and end the wait of every run that waits for its execution.

    Events are best effort, unordered and doubled, so a woken run polls the target.
    """
    wake(
        read_answer(PipelineEvent, event),
        table=clients.required("WAITS_TABLE"),
        dynamodb=clients.dynamodb(),
        connect_stepfunctions=clients.stepfunctions,
    )


def wake(
    event: PipelineEvent,
    *,
    table: str,
    dynamodb: DynamoDBClient,
    connect_stepfunctions: Any,
) -> None:
    """Count the event if it ends a wait, and tell the runs; botocore's errors bring it back."""
    place = (event.account, event.region, event.detail.pipeline, event.detail.execution_id)
    if None in place:
        logger.warning("the event names no execution")
        return
    is_end = event.detail_type == _EXECUTION and event.detail.state in _ENDS
    wakes = is_end or _asks_people(event)
    key = waits_key(*place)  # type: ignore[arg-type] # none is None
    answer = dynamodb.update_item(
        TableName=table,
        Key={"execution": {"S": key}},
        UpdateExpression="SET #expires = :expires ADD #heard :one",
        ExpressionAttributeNames={"#heard": "heard", "#expires": "expires"},
        ExpressionAttributeValues={
            ":one": {"N": "1" if wakes else "0"},
            ":expires": {"N": str(int((clock.now() + KEPT).timestamp()))},
        },
        ReturnValues="ALL_NEW",
    )
    if not wakes:
        return
    item = answer["Attributes"]
    told = json.dumps({"heard": int(item["heard"]["N"]), "told": is_end})
    tokens = [value["S"] for name, value in item.items() if name.startswith(_WAIT)]
    failed = [error for token in tokens if (error := _tell(token, told, connect_stepfunctions()))]
    logger.info("an event", execution=key, state=event.detail.state, waits=len(tokens))
    if failed:  # after all others: Lambda brings the event back
        raise failed[0]


def _asks_people(event: PipelineEvent) -> bool:
    """Whether an approval has begun: people are to see it in the invoking pipeline too."""
    is_approval = event.detail_type == _ACTION and event.detail.type.category == "Approval"
    return is_approval and event.detail.state == "STARTED"


def _tell(token: str, told: str, stepfunctions: SFNClient) -> ClientError | BotoCoreError | None:
    """End one wait, unless it has ended: tokens stay in the table until the item expires.

    The error if AWS could not say.
    """
    try:
        stepfunctions.send_task_success(taskToken=token, output=told)
    except (
        stepfunctions.exceptions.TaskTimedOut,
        stepfunctions.exceptions.TaskDoesNotExist,
        stepfunctions.exceptions.InvalidToken,
    ) as error:
        logger.info("a run no longer waits", aws=code_of(error))
    except (ClientError, BotoCoreError) as error:
        return error
    else:
        count("RunsWoken")
    return None
