"""The targets of schedules: functions, pipelines, and state machines (templated or universal)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from moto.core.exceptions import JsonRESTError
from moto.scheduler.exceptions import ValidationException

from codepipeline_sandbox import api_model
from codepipeline_sandbox.eventbridge.events import utc
from codepipeline_sandbox.eventbridge.targets import is_arn

if TYPE_CHECKING:
    from collections.abc import Mapping

    from codepipeline_sandbox.kernel.here import Cloud
    from codepipeline_sandbox.kernel.protocols import Access

SERVICE = "scheduler.amazonaws.com"
UNIVERSAL_START_EXECUTION = "arn:aws:scheduler:::aws-sdk:sfn:startExecution"


def is_supported(target_arn: str, account_id: str, region: str) -> bool:
    """Whether the sandbox can start this target for a schedule in this account and Region."""
    _, _, service, *place = target_arn.split(":")[:5]
    if service == "codepipeline":
        return place == [region, account_id]
    return target_arn == UNIVERSAL_START_EXECUTION or service in {"states", "lambda"}


def check_input(target: Mapping[str, Any]) -> None:
    """Raise ValidationException unless the input is JSON in the form that the target requires."""
    universal = target["Arn"] == UNIVERSAL_START_EXECUTION
    if "Input" in target and target["Arn"].split(":")[2] == "codepipeline":
        raise ValidationException("The sandbox does not support the Input of a pipeline.")
    if "Input" in target:
        try:
            document = json.loads(target["Input"])
        except ValueError as error:
            raise ValidationException("Provided Input must be a valid JSON.") from error
        if universal and not (isinstance(document, dict) and "StateMachineArn" in document):
            raise ValidationException("The Input of startExecution must name a StateMachineArn.")
    elif universal:
        raise ValidationException("Input is required for a universal target.")


def require_role(access: Access, role_arn: str, group_arn: str) -> None:
    """Raise AccessDenied unless the role trusts the schedules of a group.

    https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html
    """
    context = {"aws:SourceArn": group_arn, "aws:SourceAccount": group_arn.split(":")[4]}
    access.require_service_role(role_arn, SERVICE, context)


def start(
    cloud: Cloud, schedule: Any, target: Mapping[str, Any], time: float, attempt: int
) -> None:
    """Start the target once. Raises AccessDenied if the schedule's role lacks the permission."""
    role = target["RoleArn"]
    group = schedule.arn.rpartition("/")[0].replace(":schedule/", ":schedule-group/")
    require_role(cloud.access, role, group)
    text = _input(cloud, schedule, target, time, attempt)
    arn, name = target["Arn"], None
    if arn == UNIVERSAL_START_EXECUTION:
        arn, name, text = _start_execution(json.loads(text))
    service = arn.split(":")[2]
    if service == "codepipeline":
        cloud.access.require(role, "codepipeline:StartPipelineExecution", arn)
        cloud.pipelines.start_for_schedule(arn, role)
    elif service == "lambda":
        cloud.access.require(role, "lambda:InvokeFunction", arn)
        cloud.functions.invoke_async(arn, text)
    else:
        cloud.access.require(role, "states:StartExecution", arn)
        cloud.state_machines.start(arn, text, name)


def _start_execution(given: Mapping[str, Any]) -> tuple[str, str | None, str]:
    """Return the state machine, name and input of a universal target. Raises the API's errors."""
    members = {name[0].lower() + name[1:]: value for name, value in given.items()}
    api_model.check_request("stepfunctions", "StartExecution", members)
    arn = members["stateMachineArn"]
    if not is_arn(arn):
        raise JsonRESTError("InvalidArn", f"Invalid Arn: '{arn}'")
    return arn, members.get("name"), members.get("input", "{}")


def _input(
    cloud: Cloud, schedule: Any, target: Mapping[str, Any], time: float, attempt: int
) -> str:
    """Replace the context attributes in the target's input.

    https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html
    """
    text = target.get("Input") or _default_input(cloud, schedule, time)
    attributes = {
        "scheduled-time": utc(time),
        "schedule-arn": schedule.arn,
        "execution-id": cloud.world.uuid(),
        "attempt-number": str(attempt),
    }
    for name, value in attributes.items():
        text = text.replace(f"<aws.scheduler.{name}>", value)
    return str(text)


def _default_input(cloud: Cloud, schedule: Any, time: float) -> str:
    _, _, _, region, account_id, _ = schedule.arn.split(":", 5)
    return json.dumps(
        {
            "version": "0",
            "id": cloud.world.uuid(),
            "detail-type": "Scheduled Event",
            "source": "aws.scheduler",
            "account": account_id,
            "time": utc(time),
            "region": region,
            "resources": [schedule.arn],
            "detail": "{}",
        }
    )
