"""Wakes the runs that wait for the target execution that an event is about."""

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
    """Record the event, and end the wait of every run that waits for the event's execution.

    Events may be lost, reordered or duplicated, so a woken run polls the target.
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
    """Count the event if it ends waits, and wake the runs.

    Raises botocore's errors so that Lambda retries the event.
    """
    place = (event.account, event.region, event.detail.pipeline, event.detail.execution_id)
    if None in place:
        logger.warning("the event does not name an execution")
        return
    is_end = event.detail_type == _EXECUTION and event.detail.state in _ENDS
    wakes = is_end or _announces_approval(event)
    key = waits_key(*place)  # type: ignore[arg-type] # no part is None
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
    output = json.dumps({"heard": int(item["heard"]["N"]), "endAnnounced": is_end})
    tokens = [value["S"] for name, value in item.items() if name.startswith(_WAIT)]
    failed = [
        error for token in tokens if (error := _end_wait(token, output, connect_stepfunctions()))
    ]
    logger.info("received an event", execution=key, state=event.detail.state, waits=len(tokens))
    if failed:  # raised only after all other waits have ended; Lambda retries the event
        raise failed[0]


def _announces_approval(event: PipelineEvent) -> bool:
    is_approval = event.detail_type == _ACTION and event.detail.type.category == "Approval"
    return is_approval and event.detail.state == "STARTED"


def _end_wait(
    token: str, output: str, stepfunctions: SFNClient
) -> ClientError | BotoCoreError | None:
    """End one wait. Returns the error if AWS gave no final answer.

    The wait may already have ended, because tokens stay in the table until the item expires.
    """
    try:
        stepfunctions.send_task_success(taskToken=token, output=output)
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
