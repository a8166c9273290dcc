"""Converts the properties of AWS::CodePipeline::Pipeline to the API's format.

CloudFormation capitalizes the API's members, accepts strings for numbers and numbers for strings,
and expects the artifact stores in a list.
"""

from __future__ import annotations

import json
from typing import Any

from codepipeline_sandbox import api_model
from codepipeline_sandbox.codepipeline.exceptions import ValidationException

TYPE = "AWS::CodePipeline::Pipeline"
PROPERTIES = frozenset(
    {
        "ArtifactStore",
        "ArtifactStores",
        "DisableInboundStageTransitions",
        "ExecutionMode",
        "Name",
        "PipelineType",
        "RestartExecutionOnUpdate",
        "RoleArn",
        "Stages",
        "Tags",
        "Triggers",
        "Variables",
    }
)
# Properties that are not part of the declaration.
BESIDES = frozenset({"DisableInboundStageTransitions", "RestartExecutionOnUpdate", "Tags"})


def request(properties: dict[str, Any], name: str) -> dict[str, Any]:
    """Build the request for CreatePipeline.

    Raises ValidationException for properties that CloudFormation refuses.
    """
    _refuse_unknown(set(properties) - PROPERTIES, "")
    shape: Any = api_model.input_shape("codepipeline", "CreatePipeline")
    declared = {key: value for key, value in properties.items() if key not in BESIDES}
    if "ArtifactStores" in properties:
        declared["ArtifactStores"] = _by_region(properties["ArtifactStores"])
    pipeline = {**declared, "Name": name}
    given = {"Pipeline": pipeline, "Tags": properties.get("Tags", [])}
    converted: dict[str, Any] = _convert(shape, given, "")
    api_model.check_request("codepipeline", "CreatePipeline", converted)
    return converted


def closed(properties: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """Build a DisableStageTransition request for each transition that the resource disables."""
    shape: Any = api_model.input_shape("codepipeline", "DisableStageTransition")
    whole = {"PipelineName": name, "TransitionType": "Inbound"}
    requests = [
        _convert(shape, {**each, **whole}, f"DisableInboundStageTransitions/{number}")
        for number, each in enumerate(properties.get("DisableInboundStageTransitions", []))
    ]
    for each in requests:
        api_model.check_request("codepipeline", "DisableStageTransition", each)
    return requests


def _by_region(stores: list[dict[str, Any]]) -> dict[str, Any]:
    try:
        return {each["Region"]: each["ArtifactStore"] for each in stores}
    except (KeyError, TypeError) as error:
        raise ValidationException(
            "Each of the ArtifactStores must have a Region and an ArtifactStore"
        ) from error


def _convert(shape: Any, value: Any, path: str) -> Any:
    match shape.type_name, value:
        case "structure", dict():
            return _structure(shape, value, path)
        case "list", list():
            return [_convert(shape.member, each, f"{path}/{n}") for n, each in enumerate(value)]
        case "map", dict():
            return {key: _convert(shape.value, each, path) for key, each in value.items()}
        case "integer", str() if value.removeprefix("-").isdecimal():
            return int(value)
        case "string", _ if not isinstance(value, str):
            # A number, a boolean, or a JSON document in an action's configuration.
            return json.dumps(value)
        case _:
            return value


def _structure(shape: Any, value: dict[str, Any], path: str) -> dict[str, Any]:
    names = {member[0].upper() + member[1:]: member for member in shape.members}
    _refuse_unknown(set(value) - set(names), path)
    return {
        names[name]: _convert(shape.members[names[name]], each, f"{path}/{name}")
        for name, each in value.items()
    }


def _refuse_unknown(names: set[str], path: str) -> None:
    for name in sorted(names):
        where = f"{path.removeprefix('/Pipeline').removeprefix('/')}/{name}".removeprefix("/")
        raise ValidationException(f"Encountered unsupported property {where}")
