"""Checks StartPipelineExecution's parameters, and remembers requests by clientRequestToken."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from codepipeline_sandbox.codepipeline import settings
from codepipeline_sandbox.codepipeline.exceptions import ConflictException, ValidationException
from codepipeline_sandbox.kernel import here

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from codepipeline_sandbox.codepipeline.engine.executions import Execution
    from codepipeline_sandbox.codepipeline.engine.pipelines import Pipeline


@dataclass(frozen=True)
class Request:
    """A request that started an execution."""

    parameters: Mapping[str, Any]
    execution_id: str
    time: float


def remembered(pipeline: Pipeline, token: str | None, parameters: Mapping[str, Any]) -> str | None:
    """The id of the execution that an earlier request with this token started, if any."""
    request = pipeline.requests.get(token) if token is not None else None
    if request is None:
        return None
    window = settings.current().client_request_token_window
    if window is not None and here.current().world.now - request.time > window:
        return None
    conflicts = settings.current().repeated_request == "conflict"
    if conflicts and request.parameters != parameters:
        raise ConflictException(f"The token '{token}' was already used with different parameters")
    return request.execution_id


def remember(
    pipeline: Pipeline, token: str | None, parameters: Mapping[str, Any], execution_id: str
) -> None:
    """Record that a request with this token started the execution."""
    if token is not None:
        now = here.current().world.now
        pipeline.requests[token] = Request(parameters, execution_id, now)


def start(
    pipeline: Pipeline,
    variables: Sequence[Mapping[str, str]],
    source_revisions: Sequence[Mapping[str, str]],
    *,
    caller: str,
) -> Execution:
    """Start an execution for `caller`, the ARN of a session or a user."""
    return pipeline.start(
        {"triggerType": "StartPipelineExecution", "triggerDetail": caller},
        variables_of(pipeline, variables),
        source_revisions_of(pipeline, source_revisions),
    )


def variables_of(pipeline: Pipeline, given: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """The values of the pipeline's variables: the given values, or else the defaults.

    Raises ValidationException for a V1 pipeline, an unknown name or a missing value.
    """
    declared = {each["name"]: each for each in pipeline.declaration.get("variables", [])}
    if given and pipeline.declaration["pipelineType"] == "V1":
        raise ValidationException("Variables can only be passed to a V2 pipeline")
    values = {each["name"]: each["value"] for each in given}
    unknown = sorted(set(values) - set(declared))
    if unknown and settings.current().undeclared_variables == "refused":
        raise ValidationException(
            f"The pipeline '{pipeline.name}' does not declare the variables {unknown}"
        )
    resolved = {name: values.get(name, each.get("defaultValue")) for name, each in declared.items()}
    missing = sorted(name for name, value in resolved.items() if value is None)
    if missing:
        raise ValidationException(f"The variables {missing} have no default and need a value")
    return {name: value for name, value in resolved.items() if value is not None}


def defaults(pipeline: Pipeline) -> dict[str, str]:
    """The default values of the variables that have one."""
    declared = pipeline.declaration.get("variables", [])
    return {each["name"]: each["defaultValue"] for each in declared if "defaultValue" in each}


def source_revisions_of(
    pipeline: Pipeline, given: Sequence[Mapping[str, str]]
) -> dict[str, dict[str, str]]:
    """The requested revisions, by source action and revision type.

    Raises ValidationException for actions that are not sources, and for an object key if the
    action's configuration does not allow overriding it.
    """
    sources = {action["name"]: action for action in pipeline.declaration["stages"][0]["actions"]}
    unknown = sorted({each["actionName"] for each in given} - set(sources))
    if unknown:
        raise ValidationException(f"The pipeline has no source actions {unknown}")
    asked: dict[str, dict[str, str]] = {}
    for each in given:
        name, kind = each["actionName"], each["revisionType"]
        allowed = sources[name]["configuration"].get("AllowOverrideForS3ObjectKey", "false")
        if kind == "S3_OBJECT_KEY" and allowed != "true":
            raise ValidationException(
                f"The source action {name} does not set AllowOverrideForS3ObjectKey"
            )
        asked.setdefault(name, {})[kind] = each["revisionValue"]
    return asked
