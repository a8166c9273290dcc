"""Converts the properties of AWS::StepFunctions::StateMachine to the API's format."""

from __future__ import annotations

import json
import re
from typing import Any

from sandbox.stepfunctions.exceptions import InvalidDefinition, Unsupported

TYPE = "AWS::StepFunctions::StateMachine"
PROPERTIES = frozenset(
    {
        "Definition",
        "DefinitionString",
        "DefinitionSubstitutions",
        "EncryptionConfiguration",
        "LoggingConfiguration",
        "RoleArn",
        "StateMachineName",
        "StateMachineType",
        "Tags",
        "TracingConfiguration",
    }
)
PLACEHOLDER = re.compile(r"\$\{(\w+)\}")


def definition(properties: dict[str, Any]) -> str:
    """Apply the substitutions to the definition.

    Raises InvalidDefinition if a placeholder has no value.
    """
    if ("DefinitionString" in properties) == ("Definition" in properties):
        raise InvalidDefinition("Expected either DefinitionString or Definition")
    text = properties.get("DefinitionString")
    if text is None:
        text = json.dumps(properties["Definition"])
    values = properties.get("DefinitionSubstitutions", {})

    def value(match: re.Match[str]) -> str:
        if match[1] not in values:
            raise InvalidDefinition(f"There is no substitution for {match[0]}")
        return json.dumps(str(values[match[1]]))[1:-1]  # the placeholder is inside a JSON string

    return PLACEHOLDER.sub(value, text)


def supported(properties: dict[str, Any]) -> dict[str, Any]:
    """Return the properties unchanged. Raises Unsupported if any is not supported."""
    for name in properties:
        if name not in PROPERTIES:
            raise Unsupported(f"the property {name} of {TYPE}")
    return properties


def as_in_the_api(value: Any) -> Any:
    """Rename the properties to the API's members, whose names begin with a lowercase letter."""
    if isinstance(value, dict):
        return {name[0].lower() + name[1:]: as_in_the_api(item) for name, item in value.items()}
    if isinstance(value, list):
        return [as_in_the_api(item) for item in value]
    return value
