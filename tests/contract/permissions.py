"""The permissions that the caller needs, derived from the calls that the tests make."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tests.contract.aws import PATH, PREFIX

# The IAM prefixes of services whose boto3 clients have a different name.
SERVICES = {"stepfunctions": "states"}
# Operations whose permission has a different name.
OTHER_NAMES = {
    "s3:ListBuckets": ["s3:ListAllMyBuckets"],
    "s3:ListObjectVersions": ["s3:ListBucketVersions"],
    "s3:DeleteObjects": ["s3:DeleteObject", "s3:DeleteObjectVersion"],
    "lambda:Invoke": ["lambda:InvokeFunction"],
}
# Additional permissions that a call needs.
ALSO = {
    "codepipeline:CreatePipeline": ["codepipeline:TagResource"],
    "codepipeline:CreateCustomActionType": ["codepipeline:TagResource"],
    "dynamodb:CreateTable": ["dynamodb:TagResource"],
    "events:CreateEventBus": ["events:TagResource"],
    "events:PutRule": ["events:TagResource"],
    "iam:CreateRole": ["iam:TagRole"],
    "lambda:CreateFunction": ["lambda:TagResource"],
    "stepfunctions:CreateStateMachine": ["states:TagResource"],
}
PASSES_ROLES = {
    "codepipeline:CreatePipeline",
    "codepipeline:UpdatePipeline",
    "events:PutTargets",
    "lambda:CreateFunction",
    "stepfunctions:CreateStateMachine",
}
PASSED_TO = ["codepipeline", "events", "lambda", "states"]
# Permissions that cannot be limited to resources with the prefix.
EVERYWHERE = {
    "codepipeline:AcknowledgeJob",
    "codepipeline:GetJobDetails",
    "codepipeline:ListActionTypes",
    "codepipeline:ListPipelines",
    "codepipeline:ListRuleTypes",
    "codepipeline:PutJobFailureResult",
    "codepipeline:PutJobSuccessResult",
    "dynamodb:ListTables",
    "events:ListEventBuses",
    "events:ListRules",
    "events:TestEventPattern",
    "iam:ListRoles",
    "lambda:ListFunctions",
    "s3:ListAllMyBuckets",
    "states:ListStateMachines",
    "states:SendTaskFailure",
    "states:SendTaskSuccess",
    "sts:GetCallerIdentity",
}
ACTION_TYPES = {
    "codepipeline:CreateCustomActionType",
    "codepipeline:DeleteCustomActionType",
    "codepipeline:ListTagsForResource",
    "codepipeline:PollForJobs",
    "codepipeline:TagResource",
}


def actions(operations: Iterable[str]) -> set[str]:
    """The permissions that these operations need, such as `states:StartExecution`."""
    needed: set[str] = set()
    for operation in operations:
        service, _, name = operation.partition(":")
        own = f"{SERVICES.get(service, service)}:{name}"
        needed.update(OTHER_NAMES.get(operation, [own]), ALSO.get(operation, ()))
        if operation in PASSES_ROLES:
            needed.add("iam:PassRole")
    return needed


def policy(operations: Iterable[str], account: str, region: str) -> dict[str, Any]:
    """An IAM policy that allows these operations, where possible only on the tests' resources."""
    statements: dict[tuple[str, ...], list[str]] = {}
    for action in sorted(actions(operations) - {"iam:PassRole"}):
        statements.setdefault(_resources(action, account, region), []).append(action)
    allowed: list[dict[str, Any]] = [
        {"Effect": "Allow", "Action": names, "Resource": list(resources)}
        for resources, names in statements.items()
    ]
    roles = f"arn:aws:iam::{account}:role{PATH}{PREFIX}*"
    services = [f"{name}.amazonaws.com" for name in PASSED_TO]
    allowed.append(
        {
            "Effect": "Allow",
            "Action": ["iam:PassRole"],
            "Resource": [roles],
            "Condition": {"StringEquals": {"iam:PassedToService": services}},
        }
    )
    return {"Version": "2012-10-17", "Statement": allowed}


def _resources(action: str, account: str, region: str) -> tuple[str, ...]:
    if action in EVERYWHERE:
        return ("*",)
    service, own = action.partition(":")[0], f"{region}:{account}"
    if action == "events:PutEvents":
        return (f"arn:aws:events:{own}:event-bus/default",)
    if action.startswith("events:"):
        kinds = (f"rule/{PREFIX}*", f"event-bus/{PREFIX}*")
        return tuple(f"arn:aws:events:{own}:{kind}" for kind in kinds)
    named = {
        "codepipeline": (f"arn:aws:codepipeline:{own}:{PREFIX}*",),
        "dynamodb": (f"arn:aws:dynamodb:{own}:table/{PREFIX}*",),
        "iam": (f"arn:aws:iam::{account}:role{PATH}{PREFIX}*",),
        "lambda": (f"arn:aws:lambda:{own}:function:{PREFIX}*",),
        "s3": (f"arn:aws:s3:::{PREFIX}*",),
        "states": (
            f"arn:aws:states:{own}:stateMachine:{PREFIX}*",
            f"arn:aws:states:{own}:execution:{PREFIX}*",
        ),
        "sts": (f"arn:aws:iam::{account}:role{PATH}{PREFIX}*",),
    }[service]
    if action in ACTION_TYPES:
        return (*named, f"arn:aws:codepipeline:{own}:actiontype:*/*/{PREFIX}*/*")
    return named
