"""The API's operations on the tags of pipelines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.codepipeline import pagination
from sandbox.codepipeline.exceptions import (
    InvalidTagsException,
    ResourceNotFoundException,
    TooManyTagsException,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sandbox.codepipeline.models import CodePipelineBackend
    from sandbox.codepipeline.pipelines import Pipeline

Document = dict[str, Any]
MOST_TAGS = 50


def list_tags_for_resource(
    backend: CodePipelineBackend,
    *,
    resource_arn: str,
    max_results: int = 100,
    next_token: str | None = None,
) -> Document:
    """The tags by key."""
    return pagination.answer(
        "tags",
        shown(_tagged(backend, resource_arn)),
        dict,
        position=lambda tag: tag["key"],
        scope=["ListTagsForResource", resource_arn],
        size=max_results,
        token=next_token,
    )


def tag_resource(
    backend: CodePipelineBackend, *, resource_arn: str, tags: Sequence[Mapping[str, str]]
) -> Document:
    """Add tags or give them other values."""
    add(_tagged(backend, resource_arn), tags)
    return {}


def untag_resource(
    backend: CodePipelineBackend, *, resource_arn: str, tag_keys: Iterable[str]
) -> Document:
    """Remove tags; no error for those that are not there."""
    pipeline = _tagged(backend, resource_arn)
    for key in tag_keys:
        pipeline.tags.pop(key, None)
    return {}


def add(pipeline: Pipeline, tags: Sequence[Mapping[str, str]]) -> None:
    """Tag a pipeline. Raises InvalidTagsException, TooManyTagsException."""
    check(tags)
    merged = pipeline.tags | {tag["key"]: tag["value"] for tag in tags}
    if len(merged) > MOST_TAGS:
        raise TooManyTagsException(f"Tag limit exceeded for resource [{pipeline.arn}].")
    pipeline.tags = merged


def check(tags: Sequence[Mapping[str, str]]) -> None:
    """Accept tags for something new. Raises InvalidTagsException, TooManyTagsException."""
    for tag in tags:
        if tag["key"].startswith("aws:"):
            raise InvalidTagsException(f"System tags cannot be set: {tag['key']}")
    if len(tags) > MOST_TAGS:
        raise TooManyTagsException(f"There are at most {MOST_TAGS} tags")


def shown(pipeline: Pipeline) -> list[dict[str, str]]:
    """The tags by key, as the API lists them."""
    return [{"key": key, "value": value} for key, value in sorted(pipeline.tags.items())]


def _tagged(backend: CodePipelineBackend, arn: str) -> Pipeline:
    for pipeline in backend.pipelines.values():
        if pipeline.arn == arn:
            return pipeline
    raise ResourceNotFoundException(f"The account has no pipeline with the ARN {arn}")
