"""The API operations for the tags of pipelines and custom action types."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from codepipeline_sandbox.codepipeline.exceptions import (
    InvalidNextTokenException,
    InvalidTagsException,
    ResourceNotFoundException,
    TooManyTagsException,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from codepipeline_sandbox.codepipeline.models import CodePipelineBackend

Document = dict[str, Any]
MOST_TAGS = 50


class Tagged(Protocol):
    """A resource with tags."""

    arn: str
    tags: dict[str, str]


def list_tags_for_resource(
    backend: CodePipelineBackend,
    *,
    resource_arn: str,
    max_results: int | None = None,
    next_token: str | None = None,
) -> Document:
    """List all tags on one page, sorted by key. AWS does not paginate this operation either."""
    del max_results
    if next_token is not None:
        raise InvalidNextTokenException("One call returns all tags, so there is no next token")
    return {"tags": shown(_tagged(backend, resource_arn))}


def tag_resource(
    backend: CodePipelineBackend, *, resource_arn: str, tags: Sequence[Mapping[str, str]]
) -> Document:
    """Add tags, or overwrite the values of existing ones."""
    add(_tagged(backend, resource_arn), tags)
    return {}


def untag_resource(
    backend: CodePipelineBackend, *, resource_arn: str, tag_keys: Iterable[str]
) -> Document:
    """Remove tags. Removing absent tags is not an error."""
    tagged = _tagged(backend, resource_arn)
    for key in tag_keys:
        tagged.tags.pop(key, None)
    return {}


def add(tagged: Tagged, tags: Sequence[Mapping[str, str]]) -> None:
    """Add tags to a resource. Raises InvalidTagsException or TooManyTagsException."""
    check(tags)
    merged = tagged.tags | {tag["key"]: tag["value"] for tag in tags}
    if len(merged) > MOST_TAGS:
        raise TooManyTagsException(f"Tag limit exceeded for resource [{tagged.arn}].")
    tagged.tags = merged


def check(tags: Sequence[Mapping[str, str]]) -> None:
    """Check the tags of a new resource. Raises InvalidTagsException or TooManyTagsException."""
    for tag in tags:
        if tag["key"].startswith("aws:"):
            raise InvalidTagsException(f"System tags cannot be set: {tag['key']}")
    if len(tags) > MOST_TAGS:
        raise TooManyTagsException(f"A resource can have at most {MOST_TAGS} tags")


def shown(tagged: Tagged) -> list[dict[str, str]]:
    """Format the tags for the API, sorted by key."""
    return [{"key": key, "value": value} for key, value in sorted(tagged.tags.items())]


def _tagged(backend: CodePipelineBackend, arn: str) -> Tagged:
    kinds = [kind for kind in backend.custom_types.values() if not kind.deleted]
    existing: list[Tagged] = [*backend.pipelines.values(), *kinds]
    for each in existing:
        if each.arn == arn:
            return each
    raise ResourceNotFoundException(f"There is no resource with the ARN {arn}")
