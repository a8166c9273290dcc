"""Checks a pipeline's declaration for errors that the API model cannot detect.

https://docs.aws.amazon.com/codepipeline/latest/userguide/reference-pipeline-structure.html
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from codepipeline_sandbox.codepipeline import settings
from codepipeline_sandbox.codepipeline.declaration import action_structure, condition_structure
from codepipeline_sandbox.codepipeline.exceptions import (
    InvalidStageDeclarationException,
    InvalidStructureException,
)
from codepipeline_sandbox.kernel import here
from codepipeline_sandbox.kernel.protocols import AccessDenied

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

SERVICE = "codepipeline.amazonaws.com"
STAGES = range(2, 51)
ACTIONS = range(1, 51)
NOT_YET = ("blockers",)


def complete(declaration: Mapping[str, Any]) -> dict[str, Any]:
    """Add CodePipeline's default values to the declaration."""
    kind = settings.current().default_pipeline_type
    stages = [
        {**stage, "actions": [_complete_action(action) for action in stage["actions"]]}
        for stage in declaration["stages"]
    ]
    defaults = {"executionMode": "SUPERSEDED", "pipelineType": kind}
    return {**defaults, **declaration, "stages": stages}


def check(declaration: Mapping[str, Any], region: str) -> None:
    """Raise one of CreatePipeline's documented errors if the completed declaration is invalid."""
    _check_role(declaration["roleArn"])
    _check_type(declaration)
    _check_stores(declaration, region)
    _check_stages(declaration["stages"])
    action_structure.check(declaration, region)
    condition_structure.check(declaration)


def _complete_action(action: Mapping[str, Any]) -> dict[str, Any]:
    defaults = {"runOrder": 1, "configuration": {}, "inputArtifacts": [], "outputArtifacts": []}
    return {**defaults, **action}


def _check_role(role_arn: str) -> None:
    try:
        here.current().access.require_service_role(role_arn, SERVICE)
    except AccessDenied as error:
        raise InvalidStructureException(
            f"CodePipeline is not authorized to perform AssumeRole on role {role_arn}"
        ) from error


def _check_type(declaration: Mapping[str, Any]) -> None:
    mode = declaration["executionMode"]
    if declaration["pipelineType"] == "V2":
        if declaration.get("triggers"):
            raise InvalidStructureException("The sandbox does not support triggers")
        return
    if mode != "SUPERSEDED":
        raise InvalidStructureException(f"The execution mode {mode} requires a V2 pipeline")
    for feature in ("variables", "triggers"):
        if declaration.get(feature):
            raise InvalidStructureException(f"{feature.capitalize()} require a V2 pipeline")


def _check_stores(declaration: Mapping[str, Any], region: str) -> None:
    if ("artifactStore" in declaration) == ("artifactStores" in declaration):
        raise InvalidStructureException(
            "Pipeline must have either an artifactStore or artifactStores, not both"
        )
    regions = {region} | {
        action.get("region", region)
        for stage in declaration["stages"]
        for action in stage["actions"]
    }
    stores = declaration.get("artifactStores")
    if stores is None and regions != {region}:
        raise InvalidStructureException("A pipeline with cross-Region actions needs artifactStores")
    if stores is not None and regions - set(stores):
        raise InvalidStructureException(
            f"There is no artifact store for the Regions {sorted(regions - set(stores))}"
        )


def _check_stages(stages: list[Mapping[str, Any]]) -> None:
    if len(stages) not in STAGES:
        raise InvalidStructureException(
            f"Pipeline has only {len(stages)} stage(s). There should be a minimum of 2 stages in a "
            "pipeline"
            if len(stages) < STAGES.start
            else f"Pipeline has {len(stages)} stages. There should be a maximum of 50 stages"
        )
    for name in repeated(stage["name"] for stage in stages):
        raise InvalidStructureException(f"The stage name {name} is used more than once")
    for number, stage in enumerate(stages):
        _check_stage(stage, first=number == 0)


def _check_stage(stage: Mapping[str, Any], *, first: bool) -> None:
    name, actions = stage["name"], stage["actions"]
    if len(actions) not in ACTIONS:
        raise InvalidStageDeclarationException(
            f"Stage {name} has {len(actions)} actions. There should be 1 to 50 actions in a stage"
        )
    for action in repeated(action["name"] for action in actions):
        raise InvalidStageDeclarationException(
            f"The action name {action} is used more than once in stage {name}"
        )
    for feature in NOT_YET:
        if stage.get(feature):
            raise InvalidStageDeclarationException(
                f"The sandbox does not support {feature} (stage {name})"
            )
    sources = [action["actionTypeId"]["category"] == "Source" for action in actions]
    if first and not all(sources):
        raise InvalidStructureException(
            "Pipeline should start with a stage that only contains source actions"
        )
    if not first and any(sources):
        raise InvalidStructureException(
            f"Source actions are only allowed in the first stage, not in stage {name}"
        )


def repeated(names: Iterable[str]) -> list[str]:
    """Return the names that occur more than once."""
    return [name for name, count in Counter(names).items() if count > 1]
