from __future__ import annotations

import json
from typing import Any

from tests.contract import shared
from tests.contract.aws import PREFIX, Aws


def create_machine(aws: Aws, states: dict[str, Any], **more: Any) -> str:
    """Create a state machine that starts with the first of the given states, and return its ARN."""
    machines = aws.client("stepfunctions")
    role = machine_role(aws)
    definition = {"StartAt": next(iter(states)), "QueryLanguage": "JSONata", "States": states}
    answer = aws.accepted(
        lambda: machines.create_state_machine(
            name=aws.name("machine"),
            definition=json.dumps({**definition, **more}),
            roleArn=role,
            tags=aws.tags("key", "value"),
        )
    )
    return str(answer["stateMachineArn"])


def machine_role(aws: Aws) -> str:
    may_call = {
        "Effect": "Allow",
        "Action": ["lambda:InvokeFunction", "dynamodb:GetItem", "dynamodb:PutItem"],
        "Resource": [
            f"arn:aws:lambda:{aws.region}:{aws.account}:function:{PREFIX}*",
            f"arn:aws:dynamodb:{aws.region}:{aws.account}:table/{PREFIX}*",
        ],
    }
    may_answer = {"Effect": "Allow", "Action": "states:SendTaskSuccess", "Resource": "*"}
    trusted = {"Service": "states.amazonaws.com"}
    return shared.role(aws, "machines", trusted, may_call, may_answer, key="machine_role")


def run(aws: Aws, arn: str, given: Any = None) -> dict[str, Any]:
    machines = aws.client("stepfunctions")
    started = machines.start_execution(stateMachineArn=arn, input=json.dumps(given or {}))
    return ended(aws, str(started["executionArn"]))


def ended(aws: Aws, execution: str) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        found: dict[str, Any] = aws.client("stepfunctions").describe_execution(
            executionArn=execution
        )
        return None if found["status"] == "RUNNING" else found

    return aws.until(look, what="the execution ends")


def history(aws: Aws, execution: str) -> list[dict[str, Any]]:
    answer = aws.client("stepfunctions").get_execution_history(executionArn=execution)
    return list(answer["events"])
