"""The kinds of targets that rules can have, and the permissions that each kind needs."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Protocol

from moto.events.exceptions import ValidationException
from moto.sns.models import sns_backends

from codepipeline_sandbox.eventbridge.inputs import undefined_placeholder, unsupported_path
from codepipeline_sandbox.kernel.here import current
from codepipeline_sandbox.kernel.protocols import AccessDenied

if TYPE_CHECKING:
    from collections.abc import Mapping

    from codepipeline_sandbox.kernel.here import Cloud

SERVICE = "events.amazonaws.com"
_ARN = re.compile(r"arn:[\w-]+:[\w-]+:[\w-]*:\d*:.+")
_SHAPES = {"Input", "InputPath", "InputTransformer"}


class Rule(Protocol):
    """A rule in moto."""

    arn: str
    account_id: str
    region_name: str


def check(target: Mapping[str, Any], account_id: str, region: str) -> None:
    """Raise ValidationException for a target that AWS or the sandbox does not accept."""
    for given in (target["Arn"], target.get("RoleArn", target["Arn"])):
        if not is_arn(given):
            raise ValidationException(
                f"Parameter {given} is not valid. Reason: Provided Arn is not in correct format."
            )
    _check_input(target)
    if "RoleArn" in target:
        _check_role(target["RoleArn"], account_id)
    if is_bus(target):
        _check_bus(target)
    else:
        _check_place(target, account_id, region)


def is_arn(text: str) -> bool:
    """Whether the text has the form of an ARN."""
    return _ARN.fullmatch(text) is not None


def is_bus(target: Mapping[str, Any]) -> bool:
    """Whether the target is an event bus."""
    return ":event-bus/" in target["Arn"]


def send(cloud: Cloud, rule: Rule, target: Mapping[str, Any], payload: str) -> None:
    """Send the input to the target. Raises AccessDenied if a policy does not allow it."""
    service = target["Arn"].split(":")[2]
    if service == "lambda":
        _to_function(cloud, rule, target, payload)
    elif service == "sns":
        _to_topic(cloud, rule, target, payload)
    elif service == "codepipeline":
        _to_pipeline(cloud, rule, target, payload)
    else:
        _to_state_machine(cloud, rule, target, payload)


def require_forwarding(
    cloud: Cloud, rule: Rule, target: Mapping[str, Any], event: Mapping[str, Any]
) -> None:
    """Raise AccessDenied unless the target's role may put the event on the bus.

    If the bus is in another account, its policy has to allow it too.
    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cross-account.html
    """
    _assume(cloud, rule, target["RoleArn"])
    # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-conditions.html
    context = {"events:source": event["source"], "events:detail-type": event["detail-type"]}
    cloud.access.require(target["RoleArn"], "events:PutEvents", target["Arn"], context)


def _check_input(target: Mapping[str, Any]) -> None:
    arn = target["Arn"]
    if len(_SHAPES & set(target)) > 1:
        raise ValidationException(
            f"Only one of Input, InputPath, or InputTransformer must be provided for target {arn}."
        )
    if "DeadLetterConfig" in target:
        raise ValidationException(f"The sandbox does not support DeadLetterConfig (target {arn}).")
    if "Input" in target:
        _check_json(target)
    path = unsupported_path(target)
    if path is not None:
        raise ValidationException(
            f"The sandbox does not support the path {path} for target {target['Id']}. It supports "
            "names and indexes, for example $.resources[0]."
        )
    if "InputTransformer" in target:
        undefined = undefined_placeholder(target["InputTransformer"])
        if undefined is not None:
            raise ValidationException(
                f"InputTemplate for target {target['Id']} contains invalid placeholder {undefined}."
            )


def _check_place(target: Mapping[str, Any], account_id: str, region: str) -> None:
    """Raise ValidationException if a rule in this account and Region cannot reach the target."""
    arn = target["Arn"]
    _, _, service, target_region, target_account, _ = arn.split(":", 5)
    here = (target_account, target_region) == (account_id, region)
    with_role = service in {"states", "codepipeline"}
    if with_role and not here:
        raise ValidationException(f"Adding a cross-account or cross-Region target: {arn}")
    if with_role and "RoleArn" not in target:
        raise ValidationException(f"RoleArn is required for target {arn}.")
    if service == "lambda" and target_region != region:
        raise ValidationException(f"A function in another Region cannot be a target: {arn}")
    if service == "sns" and target_region != region:
        raise ValidationException(f"A topic in another Region cannot be a target: {arn}")
    if service not in {"lambda", "states", "codepipeline", "sns"} or target_account != account_id:
        # Since 2025, functions and topics in other accounts need a role and matching policies.
        raise ValidationException(f"The sandbox does not support the target {arn}.")


def _check_role(role_arn: str, account_id: str) -> None:
    if role_arn.split(":")[4] != account_id:
        raise ValidationException(f"Cross-account pass role is not allowed: {role_arn}")
    try:
        current().access.require_service_role(role_arn, SERVICE)
    except AccessDenied as error:
        message = f"Provided role '{role_arn}' cannot be assumed by principal '{SERVICE}'."
        raise ValidationException(message) from error


def _check_bus(target: Mapping[str, Any]) -> None:
    """Raise ValidationException unless the target has a role and receives the complete event."""
    if "RoleArn" not in target:
        raise ValidationException(f"RoleArn is required for target {target['Arn']}.")
    if shaped := sorted(_SHAPES & set(target)):
        # AWS refuses transformed input for buses in other accounts. The sandbox refuses it for all
        # buses.
        raise ValidationException(f"{shaped[0]} is not available for the bus {target['Arn']}.")


def _check_json(target: Mapping[str, Any]) -> None:
    try:
        json.loads(target["Input"])
    except ValueError as error:
        message = f"JSON syntax error in input for target {target['Id']}: {error}"
        raise ValidationException(message) from error


def _to_function(cloud: Cloud, rule: Rule, target: Mapping[str, Any], payload: str) -> None:
    arn = target["Arn"]
    if not cloud.access.allows_service(
        SERVICE,
        "lambda:InvokeFunction",
        arn,
        source_arn=rule.arn,
        source_account=rule.account_id,
    ):
        raise AccessDenied(f"no policy of {arn} allows {SERVICE} to invoke it for {rule.arn}")
    cloud.functions.invoke_async(arn, payload)


def _to_topic(cloud: Cloud, rule: Rule, target: Mapping[str, Any], payload: str) -> None:
    arn = target["Arn"]
    _, _, _, region, account, _ = arn.split(":", 5)
    if not cloud.access.allows_service(
        SERVICE, "sns:Publish", arn, source_arn=rule.arn, source_account=rule.account_id
    ):
        raise AccessDenied(f"no policy of {arn} allows {SERVICE} to publish to it for {rule.arn}")
    sns_backends[account][region].publish(message=payload, arn=arn)


def _to_state_machine(cloud: Cloud, rule: Rule, target: Mapping[str, Any], payload: str) -> None:
    _assume(cloud, rule, target["RoleArn"])
    cloud.access.require(target["RoleArn"], "states:StartExecution", target["Arn"])
    cloud.state_machines.start(target["Arn"], payload)


def _to_pipeline(cloud: Cloud, rule: Rule, target: Mapping[str, Any], payload: str) -> None:
    _assume(cloud, rule, target["RoleArn"])
    cloud.access.require(target["RoleArn"], "codepipeline:StartPipelineExecution", target["Arn"])
    cloud.pipelines.start_for_rule(target["Arn"], rule.arn, payload)


def _assume(cloud: Cloud, rule: Rule, role_arn: str) -> None:
    context = {"aws:SourceArn": rule.arn, "aws:SourceAccount": rule.account_id}
    cloud.access.require_service_role(role_arn, SERVICE, context)
