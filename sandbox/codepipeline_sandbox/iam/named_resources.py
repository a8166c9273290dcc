"""Builds ARNs that a template cannot express, such as those of functions and S3 objects."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from codepipeline_sandbox.kernel import here


@dataclass(frozen=True)
class Place:
    """The account and Region that handle a request."""

    partition: str
    region: str
    account: str

    def arn(self, service: str, name: str) -> str:
        """Build the ARN of a service's resource in this account and Region."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{name}"


Params = Mapping[str, Any]
Grants = list[tuple[str, str]]  # (action, resource) pairs, all of which must be allowed

_S3_ACTIONS: Mapping[str, str] = {
    "s3:ListBuckets": "s3:ListAllMyBuckets",
    "s3:HeadBucket": "s3:ListBucket",
    "s3:ListObjects": "s3:ListBucket",
    "s3:ListObjectsV2": "s3:ListBucket",
    "s3:HeadObject": "s3:GetObject",
    "s3:CreateMultipartUpload": "s3:PutObject",
    "s3:UploadPart": "s3:PutObject",
    "s3:CompleteMultipartUpload": "s3:PutObject",
}


def _function(action: str, params: Params, place: Place) -> Grants:
    if action == "lambda:Invoke":
        action = "lambda:InvokeFunction"
    if "FunctionName" not in params:
        return [(action, "*")]
    # FunctionName is a name, `account:function:name` or an ARN. Each can end with a qualifier.
    before, _, name = params["FunctionName"].rpartition(":function:")
    if qualifier := params.get("Qualifier"):
        name = f"{name.split(':')[0]}:{qualifier}"
    account = before or place.account
    region = place.region
    if before.startswith("arn:"):
        _, _, _, region, account = before.split(":")
    return [(action, Place(place.partition, region, account).arn("lambda", f"function:{name}"))]


def _event_bus(name: str | None, place: Place) -> str:
    if name and name.startswith("arn:"):
        return name
    return place.arn("events", f"event-bus/{name or 'default'}")


def _events(action: str, params: Params, place: Place) -> Grants:
    operation = action.partition(":")[2]
    if operation == "PutEvents":
        buses = {_event_bus(e.get("EventBusName"), place) for e in params.get("Entries", [])}
        return [(action, bus) for bus in sorted(buses)]
    if operation in {"DescribeEventBus", "CreateEventBus", "DeleteEventBus"}:
        return [(action, _event_bus(params.get("Name"), place))]
    rule = params.get("Rule") or params.get("Name")
    if rule is None:
        return [(action, "*")]
    bus = (params.get("EventBusName") or "default").rpartition("/")[2]
    return [
        (action, place.arn("events", f"rule/{rule}" if bus == "default" else f"rule/{bus}/{rule}"))
    ]


def _parameters(action: str, params: Params, place: Place) -> Grants:
    names = params.get("Names") or [params[key] for key in ("Name", "Path") if key in params]
    arns = [place.arn("ssm", f"parameter/{name.lstrip('/')}") for name in names]
    return [(action, arn) for arn in arns or ["*"]]


def _objects(action: str, params: Params, place: Place) -> Grants:
    action = _S3_ACTIONS.get(action, action)
    bucket = params.get("Bucket")
    if bucket is None:
        return [(action, "*")]
    arn = f"arn:{place.partition}:s3:::{bucket}"
    if action == "s3:DeleteObjects":
        keys = [item["Key"] for item in params["Delete"]["Objects"]]
        return [("s3:DeleteObject", f"{arn}/{key}") for key in keys]
    if action == "s3:CopyObject":
        source = params["CopySource"].lstrip("/")
        return [
            ("s3:GetObject", f"arn:{place.partition}:s3:::{source}"),
            ("s3:PutObject", f"{arn}/{params['Key']}"),
        ]
    return [(action, f"{arn}/{params['Key']}" if "Key" in params else arn)]


def _tables(action: str, params: Params, place: Place) -> Grants:
    table = params.get("ResourceArn") or params.get("TableName")
    if table is None:
        return [(action, "*")]
    named = table if table.startswith("arn:") else place.arn("dynamodb", f"table/{table}")
    return [(action, named)]


def answered_task(action: str, params: Params, place: Place) -> Grants:
    """The permission for a SendTask* call, which AWS checks against the task's state machine.

    An unknown token belongs to no state machine, so the call needs no permission. It fails later
    because the token is invalid.
    """
    machines = here.current().state_machines
    machine = machines.of_task(place.account, place.region, params.get("taskToken", ""))
    return [] if machine is None else [(action, machine)]


SPECIAL: Mapping[str, Callable[[str, Params, Place], Grants]] = {
    "dynamodb": _tables,
    "events": _events,
    "lambda": _function,
    "s3": _objects,
    "ssm": _parameters,
}
