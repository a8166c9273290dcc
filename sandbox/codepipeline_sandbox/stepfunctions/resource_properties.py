"""Converts the properties of AWS::StepFunctions::StateMachine to the API's format."""

from __future__ import annotations

import json
import re
from typing import Any

from codepipeline_sandbox.stepfunctions import definition_files
from codepipeline_sandbox.stepfunctions.exceptions import InvalidDefinition, Unsupported

TYPE = "AWS::StepFunctions::StateMachine"
PROPERTIES = frozenset(
    {
        "Definition",
        "DefinitionS3Location",
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
_SOURCES = {"Definition", "DefinitionS3Location", "DefinitionString"}


def definition(properties: dict[str, Any], account_id: str, region: str) -> str:
    """The definition with its substitutions. Raises InvalidDefinition if one has no value."""
    given = _SOURCES & set(properties)
    if len(given) != 1:
        raise InvalidDefinition(
            "Expected exactly one of DefinitionString, DefinitionS3Location or Definition"
        )
    text = _text(given.pop(), properties, account_id, region)
    values = properties.get("DefinitionSubstitutions", {})

    def value(match: re.Match[str]) -> str:
        if match[1] not in values:
            raise InvalidDefinition(f"DefinitionSubstitutions has no value for {match[0]}")
        return json.dumps(str(values[match[1]]))[1:-1]  # the placeholder is inside a JSON string

    return PLACEHOLDER.sub(value, text)


def _text(source: str, properties: dict[str, Any], account_id: str, region: str) -> str:
    value = properties[source]
    if source == "DefinitionS3Location":
        return definition_files.read(value, account_id, region)
    return str(value) if source == "DefinitionString" else json.dumps(value)


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
