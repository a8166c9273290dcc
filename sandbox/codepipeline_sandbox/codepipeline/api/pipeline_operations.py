"""The API operations for pipelines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from codepipeline_sandbox.codepipeline import settings
from codepipeline_sandbox.codepipeline.api import pagination, states, tag_operations
from codepipeline_sandbox.codepipeline.declaration import structure
from codepipeline_sandbox.codepipeline.engine import requests
from codepipeline_sandbox.codepipeline.engine.pipelines import Pipeline
from codepipeline_sandbox.codepipeline.exceptions import PipelineNameInUseException
from codepipeline_sandbox.codepipeline.times import timestamp

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from codepipeline_sandbox.codepipeline.models import CodePipelineBackend

Document = dict[str, Any]


def create_pipeline(
    backend: CodePipelineBackend,
    *,
    pipeline: Mapping[str, Any],
    tags: Sequence[Mapping[str, str]] = (),
    caller: str,
) -> Document:
    """Create a pipeline. Its first version has the number 1."""
    name = pipeline["name"]
    if name in backend.pipelines:
        raise PipelineNameInUseException(
            f"A pipeline with the name '{name}' already exists in account '{backend.account_id}'"
        )
    declaration = structure.complete(pipeline)
    structure.check(declaration, backend.region_name)
    made = Pipeline(backend, declaration)
    tag_operations.add(made, tags)
    backend.pipelines[name] = made
    if settings.current().create_starts_execution:
        # Variables without a value are not checked, because no caller would receive the error.
        trigger = {"triggerType": "CreatePipeline", "triggerDetail": caller}
        made.start(trigger, requests.defaults(made), {})
    return {"pipeline": made.declaration, "tags": tag_operations.shown(made)}


def get_pipeline(
    backend: CodePipelineBackend, *, name: str, version: int | None = None
) -> Document:
    """Return the pipeline's metadata and one version of its declaration."""
    pipeline = backend.pipeline(name)
    return {"pipeline": pipeline.of_version(version), "metadata": pipeline.metadata()}


def get_pipeline_state(backend: CodePipelineBackend, *, name: str) -> Document:
    """Return the states of the pipeline's stages."""
    return states.pipeline_state(backend.pipeline(name))


def update_pipeline(backend: CodePipelineBackend, *, pipeline: Mapping[str, Any]) -> Document:
    """Store a new version of a pipeline."""
    existing = backend.pipeline(pipeline["name"])
    declaration = structure.complete(pipeline)
    structure.check(declaration, backend.region_name)
    existing.update(declaration)
    return {"pipeline": existing.declaration}


def delete_pipeline(backend: CodePipelineBackend, *, name: str) -> Document:
    """Delete a pipeline and its executions. Deleting a missing pipeline is not an error."""
    pipeline = backend.pipelines.pop(name, None)
    if pipeline is not None:
        pipeline.end()
    return {}


def list_pipelines(
    backend: CodePipelineBackend, *, max_results: int = 1000, next_token: str | None = None
) -> Document:
    """List all pipelines, sorted by name."""
    return pagination.answer(
        "pipelines",
        [backend.pipelines[name] for name in sorted(backend.pipelines)],
        _summary,
        position=lambda pipeline: pipeline.name,
        scope=["ListPipelines"],
        size=max_results,
        token=next_token,
    )


def _summary(pipeline: Pipeline) -> Document:
    return {
        "name": pipeline.name,
        "version": pipeline.version,
        "pipelineType": pipeline.declaration["pipelineType"],
        "executionMode": pipeline.declaration["executionMode"],
        "created": timestamp(pipeline.created),
        "updated": timestamp(pipeline.updated),
    }
