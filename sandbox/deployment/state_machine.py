"""AWS::StepFunctions::StateMachine with its substitutions, which moto leaves in the text."""

from __future__ import annotations

import json
import re
from typing import Any

from moto.cloudformation import parsing
from moto.stepfunctions import models as moto_stepfunctions

TYPE = "AWS::StepFunctions::StateMachine"
PROPERTIES = frozenset(
    {
        "Definition",
        "DefinitionString",
        "DefinitionSubstitutions",
        "LoggingConfiguration",
        "RoleArn",
        "StateMachineName",
        "StateMachineType",
        "Tags",
        "TracingConfiguration",
    }
)


class StateMachineResource(moto_stepfunctions.StateMachine):  # type: ignore[misc]
    """Creates an ordinary state machine of moto's."""

    @classmethod
    def create_from_cloudformation_json(
        cls,
        resource_name: str,
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
        **_: Any,
    ) -> moto_stepfunctions.StateMachine:
        """Create the state machine."""
        properties = cloudformation_json["Properties"]
        if properties.get("StateMachineType", "STANDARD") != "STANDARD":
            raise ValueError("the sandbox supports standard workflows only")
        backend = moto_stepfunctions.stepfunctions_backends[account_id][region_name]
        return backend.create_state_machine(
            properties.get("StateMachineName", resource_name),
            definition(properties),
            properties["RoleArn"],
            tags=[{"key": t["Key"], "value": t["Value"]} for t in properties.get("Tags", [])],
            loggingConfiguration=_as_in_the_api(properties.get("LoggingConfiguration")),
            tracingConfiguration=_as_in_the_api(properties.get("TracingConfiguration")),
        )

    @classmethod
    def update_from_cloudformation_json(
        cls,
        original_resource: Any,
        new_resource_name: str,
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
    ) -> Any:
        """Bring the state machine to what the changed resource describes."""
        properties = cloudformation_json["Properties"]
        properties["DefinitionString"] = definition(properties)
        return super().update_from_cloudformation_json(
            original_resource, new_resource_name, cloudformation_json, account_id, region_name
        )


def definition(properties: dict[str, Any]) -> str:
    """The definition with its substitutions made. ValueError for a name without a value."""
    text = properties.get("DefinitionString")
    if text is None:
        text = json.dumps(properties["Definition"])
    values = properties.get("DefinitionSubstitutions", {})

    def value(match: re.Match[str]) -> str:
        if match[1] not in values:
            raise ValueError(f"no substitution for {match[0]} in the definition")
        return str(values[match[1]])

    return re.sub(r"\$\{(\w+)\}", value, text)


def _as_in_the_api(value: Any) -> Any:
    """The same with the API's member names, which begin with small letters."""
    if isinstance(value, dict):
        return {k[0].lower() + k[1:]: _as_in_the_api(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_as_in_the_api(v) for v in value]
    return value


def install() -> None:
    """Let stacks use this instead of moto's own."""
    parsing.get_model_map()[TYPE] = StateMachineResource
