"""Checks that a pipeline's actions are valid for their types and consistent with each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from codepipeline_sandbox.codepipeline.declaration import action_types, variables
from codepipeline_sandbox.codepipeline.exceptions import InvalidActionDeclarationException

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def check(declaration: Mapping[str, Any], region: str) -> None:
    """Raise InvalidActionDeclarationException if one of the pipeline's actions is invalid."""
    produced: set[str] = set()
    namespaces = {"codepipeline", "variables"}
    for _, group in _groups(declaration):
        for action in group:
            _check_type(action, declaration["pipelineType"])
            _check_region(action, region)
            _check_configuration(action)
            _check_artifacts(action, produced)
            _check_references(action, namespaces)
        for action in group:
            _add_outputs(action, produced)
            _add_namespace(action, namespaces)


def _groups(declaration: Mapping[str, Any]) -> Iterator[tuple[int, list[Mapping[str, Any]]]]:
    """For each stage, yield each run order with its actions, which run in parallel."""
    for stage in declaration["stages"]:
        for order in sorted({action["runOrder"] for action in stage["actions"]}):
            yield order, [a for a in stage["actions"] if a["runOrder"] == order]


def _check_type(action: Mapping[str, Any], pipeline_type: str) -> None:
    type_id = action["actionTypeId"]
    named = (
        f"ActionType (Category: '{type_id['category']}', Provider: '{type_id['provider']}', "
        f"Owner: '{type_id['owner']}', Version: '{type_id['version']}') "
        f"in action '{action['name']}'"
    )
    if not action_types.known(type_id):
        raise InvalidActionDeclarationException(f"{named} is not available")
    if action_types.key_of(type_id) in action_types.V2_ONLY and pipeline_type != "V2":
        raise InvalidActionDeclarationException(f"{named} requires a V2 pipeline")
    if "timeoutInMinutes" in action and type_id["category"] != "Approval":
        raise InvalidActionDeclarationException(
            f"Action '{action['name']}' cannot have timeoutInMinutes, which is only for approvals"
        )


def _check_region(action: Mapping[str, Any], home: str) -> None:
    type_id, region = action["actionTypeId"], action.get("region", home)
    if region != home and (type_id["category"] == "Source" or type_id["owner"] != "AWS"):
        raise InvalidActionDeclarationException(
            f"Action '{action['name']}' cannot be in the Region {region}: source, custom and "
            "third-party actions must be in the pipeline's own Region"
        )


def _check_configuration(action: Mapping[str, Any]) -> None:
    known = action_types.configuration_of(action)
    if known is None:
        return
    name, given = action["name"], set(action["configuration"])
    for key in sorted(given - known.required - known.optional):
        raise InvalidActionDeclarationException(
            f"Action configuration for action '{name}' contains unknown configuration '{key}'"
        )
    for key in sorted(known.required - given):
        raise InvalidActionDeclarationException(
            f"Action configuration for action '{name}' is missing required configuration '{key}'"
        )
    if action["configuration"].get("InputType", "Literal") != "Literal":
        raise InvalidActionDeclarationException(
            f"The sandbox only supports the InputType Literal (action '{name}')"
        )


def _check_artifacts(action: Mapping[str, Any], produced: set[str]) -> None:
    name, inputs, outputs = action["name"], action["inputArtifacts"], action["outputArtifacts"]
    most = action_types.most_artifacts(action["actionTypeId"])
    for kind, given, limit in zip(("input", "output"), (inputs, outputs), most or (), strict=False):
        if len(given) > limit:
            raise InvalidActionDeclarationException(
                f"Action {name} declares {len(given)} {kind} artifacts, over the limit of {limit}"
            )
    for artifact in inputs:
        if artifact["name"] not in produced:
            raise InvalidActionDeclarationException(
                f"Input Artifact Bundle {artifact['name']} in action {name} is not declared as "
                "Output Artifact Bundle in any of the preceding actions"
            )


def _check_references(action: Mapping[str, Any], namespaces: set[str]) -> None:
    for key, text in action["configuration"].items():
        for reference in variables.references(text):
            namespace, _, variable = reference.partition(".")
            where = f"Action '{action['name']}', configuration '{key}': '#{{{reference}}}'"
            if not (namespace and variable):
                raise InvalidActionDeclarationException(
                    "Valid format for a pipeline execution variable reference is a namespace and "
                    f"a key separated by a period (.). {where}"
                )
            if namespace not in namespaces:
                raise InvalidActionDeclarationException(
                    "The following pipeline execution variables are referencing a namespace that "
                    f"does not exist. {where}"
                )


def _add_outputs(action: Mapping[str, Any], produced: set[str]) -> None:
    for artifact in action["outputArtifacts"]:
        if artifact["name"] in produced:
            raise InvalidActionDeclarationException(
                "Output Artifact Bundle name must be unique within the pipeline. "
                f"{artifact['name']} has been used more than once"
            )
        produced.add(artifact["name"])


def _add_namespace(action: Mapping[str, Any], namespaces: set[str]) -> None:
    namespace = action.get("namespace")
    if namespace in namespaces:
        raise InvalidActionDeclarationException(
            f"The namespace {namespace} of action '{action['name']}' is already used"
        )
    if namespace is not None:
        namespaces.add(namespace)
