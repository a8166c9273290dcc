"""The API's operations on the tags of pipelines and custom action types."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from sandbox.codepipeline.exceptions import (
    InvalidNextTokenException,
    InvalidTagsException,
    ResourceNotFoundException,
    TooManyTagsException,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sandbox.codepipeline.models import CodePipelineBackend

Document = dict[str, Any]
MOST_TAGS = 50


class Tagged(Protocol):
    """What has tags."""

    arn: str
    tags: dict[str, str]


def list_tags_for_resource(
    backend: CodePipelineBackend,
    *,
    resource_arn: str,
    max_results: int | None = None,
    next_token: str | None = None,
) -> Document:
    """The tags by key, all at once: the operation is documented not to use its pagination."""
    del max_results
    if next_token is not None:
        raise InvalidNextTokenException("The tags are listed in one call, which gives no token")
    return {"tags": shown(_tagged(backend, resource_arn))}


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
    tagged = _tagged(backend, resource_arn)
    for key in tag_keys:
        tagged.tags.pop(key, None)
    return {}


def add(tagged: Tagged, tags: Sequence[Mapping[str, str]]) -> None:
    """Tag something. Raises InvalidTagsException, TooManyTagsException."""
    check(tags)
    merged = tagged.tags | {tag["key"]: tag["value"] for tag in tags}
    if len(merged) > MOST_TAGS:
        raise TooManyTagsException(f"Tag limit exceeded for resource [{tagged.arn}].")
    tagged.tags = merged


def check(tags: Sequence[Mapping[str, str]]) -> None:
    """Accept tags for something new. Raises InvalidTagsException, TooManyTagsException."""
    for tag in tags:
        if tag["key"].startswith("aws:"):
            raise InvalidTagsException(f"System tags cannot be set: {tag['key']}")
    if len(tags) > MOST_TAGS:
        raise TooManyTagsException(f"There are at most {MOST_TAGS} tags")


def shown(tagged: Tagged) -> list[dict[str, str]]:
    """The tags by key, as the API lists them."""
    return [{"key": key, "value": value} for key, value in sorted(tagged.tags.items())]


def _tagged(backend: CodePipelineBackend, arn: str) -> Tagged:
    kinds = [kind for kind in backend.custom_types.values() if not kind.deleted]
    existing: list[Tagged] = [*backend.pipelines.values(), *kinds]
    for each in existing:
        if each.arn == arn:
            return each
    raise ResourceNotFoundException(f"There is no resource with the ARN {arn}")
