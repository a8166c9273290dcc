"""Reads the resource policies of functions, event buses, keys, topics and buckets from moto."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from moto.awslambda.models import lambda_backends
from moto.events.models import events_backends
from moto.iam.access_control import PermissionResult
from moto.kms.models import kms_backends
from moto.s3.models import FakeBucket, s3_backends
from moto.sns.models import sns_backends

from codepipeline_sandbox.iam.authorization import Decision
from codepipeline_sandbox.iam.policies.evaluate import Policy, evaluate
from codepipeline_sandbox.iam.policies.principals import service_named_by

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from codepipeline_sandbox.kernel.patches import Patches

_VERSION = "2012-10-17"


def policy_of(action: str, resource: str) -> Policy | None:
    """The resource policy that applies to the action, or None if the resource has none."""
    read = _READERS.get(action.partition(":")[0])
    parts = resource.split(":", 5)
    if read is None or len(parts) < 6:  # noqa: PLR2004 - the parts of an ARN
        return None
    return read(resource, parts[4], parts[3], parts[5])


def service_decision(
    service: str, action: str, resource: str, context: Mapping[str, str]
) -> Decision:
    """Whether the resource's policy allows an AWS service to act on its own behalf."""
    policy = policy_of(action, resource)
    verdict = evaluate(
        [policy] if policy else [],
        action=action,
        resource=resource,
        context=context,
        names_principal=lambda element: service_named_by(service, element),
    )
    return Decision(service, action, resource, verdict.allowed, verdict.policy, verdict.sid)


def _function_policy(arn: str, account: str, region: str, name: str) -> Policy | None:
    function = next(
        (
            f
            for f in lambda_backends[account][region].list_functions()
            if f.function_name == name.split(":")[1]
        ),
        None,
    )
    if function is None or not function.policy.statements:
        return None
    statements = [_function_statement(statement) for statement in function.policy.statements]
    return Policy(f"{arn} policy", {"Version": _VERSION, "Statement": statements})


def _function_statement(statement: Mapping[str, Any]) -> Mapping[str, Any]:
    """Convert a statement from moto to the form that AWS stores.

    moto stores account ids and ARNs as plain strings and keeps CloudFormation's property
    FunctionName.
    """
    principal = statement["Principal"]
    if isinstance(principal, str) and principal != "*":
        principal = {"AWS": principal}
    kept = {key: value for key, value in statement.items() if key != "FunctionName"}
    return {**kept, "Principal": principal}


def _bus_policy(arn: str, account: str, region: str, name: str) -> Policy | None:
    bus = events_backends[account][region].event_buses.get(name.removeprefix("event-bus/"))
    if bus is None or bus.policy is None:
        return None
    statements = [_bus_statement(statement) for statement in json.loads(bus.policy)["Statement"]]
    return Policy(f"{arn} policy", {"Version": _VERSION, "Statement": statements})


def _bus_statement(statement: Mapping[str, Any]) -> Mapping[str, Any]:
    """Undo moto's conversion of the principal `*` (everyone) to an account named `*`."""
    principal = statement["Principal"]
    everybody = isinstance(principal, dict) and str(principal.get("AWS")).endswith("::*:root")
    return {**statement, "Principal": "*"} if everybody else statement


def _key_policy(arn: str, account: str, region: str, name: str) -> Policy | None:
    key = kms_backends[account][region].keys.get(name.removeprefix("key/"))
    return Policy(f"{arn} policy", json.loads(key.policy)) if key else None


def _topic_policy(arn: str, account: str, region: str, _name: str) -> Policy | None:
    topic = sns_backends[account][region].topics.get(arn)
    return Policy(f"{arn} policy", json.loads(topic.policy)) if topic else None


def _bucket_policy(arn: str, _account: str, _region: str, name: str) -> Policy | None:
    bucket = name.partition("/")[0]
    partition, owner = s3_backends.bucket_accounts.get(bucket, (None, None))
    policy = s3_backends[owner][partition].buckets[bucket].policy if owner else None
    return Policy(f"{arn} policy", json.loads(policy)) if policy else None


def _no_verdict(_bucket: Any, _action: str, _resource: str) -> PermissionResult:
    """Leave bucket policies to the guard. moto would ignore their principals and conditions."""
    return PermissionResult.NEUTRAL


def install(patches: Patches) -> None:
    """Turn off moto's own enforcement of bucket policies."""
    patches.attribute(FakeBucket, "get_permission", _no_verdict)


_READERS: Mapping[str, Callable[[str, str, str, str], Policy | None]] = {
    "lambda": _function_policy,
    "events": _bus_policy,
    "kms": _key_policy,
    "s3": _bucket_policy,
    "sns": _topic_policy,
}
