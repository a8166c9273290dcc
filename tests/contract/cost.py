"""Estimates the cost of a run from the calls of a rehearsal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from tests.contract.calls import Answer

# US dollars in us-east-1 in 2026, without free tiers. Sources:
# https://aws.amazon.com/codepipeline/pricing/ and the pricing pages of the other services
ACTION_MINUTE = 0.002  # V2; approvals and custom actions cost nothing
STATE_TRANSITION = 0.000025
TABLE_REQUEST = 0.00000125  # the price of a write, also used for reads
STORAGE_REQUEST = 0.000005  # the price of a write, also used for reads
INVOCATION = 0.000001  # a request, and a fraction of a second of compute time
STARTS = {
    "CreatePipeline",
    "PutActionRevision",
    "RetryStageExecution",
    "RollbackStage",
    "StartPipelineExecution",
}


@dataclass(frozen=True)
class Item:
    what: str
    count: int
    price: float

    @property
    def dollars(self) -> float:
        return self.count * self.price


def estimate(calls: Iterable[Answer]) -> list[Item]:
    """The maximum cost of these calls if no action takes more than a minute."""
    made = [call for call in calls if call.error is None]
    actions = _billed_actions(made)
    services = Counter(call.operation.partition(":")[0] for call in made)
    executions = sum(call.operation == "stepfunctions:StartExecution" for call in made)
    return [
        Item("minutes of actions (V2 pipelines)", actions, ACTION_MINUTE),
        Item("state transitions", executions * 4, STATE_TRANSITION),
        Item("invocations of the function", actions * 10, INVOCATION),
        Item("requests to DynamoDB", services["dynamodb"] + actions * 10, TABLE_REQUEST),
        Item("requests to S3", services["s3"] + actions * 10, STORAGE_REQUEST),
    ]


def _billed_actions(calls: list[Answer]) -> int:
    billed: dict[str, int] = {}
    total = 0
    for call in calls:
        name = call.operation.partition(":")[2]
        if name in {"CreatePipeline", "UpdatePipeline"}:
            declared = call.request["pipeline"]
            billed[declared["name"]] = sum(_is_billed(each) for each in _actions(declared))
        if name in STARTS:
            pipeline = call.request.get("pipeline", {}).get("name")
            named = call.request.get("name") or call.request.get("pipelineName") or pipeline
            total += billed.get(named, 0)
    return total


def _actions(declared: dict[str, Any]) -> list[dict[str, Any]]:
    return [action for stage in declared["stages"] for action in stage["actions"]]


def _is_billed(action: dict[str, Any]) -> bool:
    type_id = action["actionTypeId"]
    return bool(type_id["owner"] != "Custom" and type_id["category"] != "Approval")
