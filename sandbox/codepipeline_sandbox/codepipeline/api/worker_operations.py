"""The API operations for custom action types and their job workers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from codepipeline_sandbox.codepipeline.api import pagination, tag_operations
from codepipeline_sandbox.codepipeline.declaration import custom_types
from codepipeline_sandbox.codepipeline.declaration.custom_types import CustomActionType
from codepipeline_sandbox.codepipeline.exceptions import (
    ActionTypeNotFoundException,
    InvalidNonceException,
    JobNotFoundException,
    LimitExceededException,
    ValidationException,
)
from codepipeline_sandbox.codepipeline.providers.custom_actions import WorkerJob

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from codepipeline_sandbox.codepipeline.models import CodePipelineBackend

Document = dict[str, Any]
MOST_TYPES = 50  # the maximum per account and Region
PAGE = 25  # types per page; AWS's number is not documented


def create_custom_action_type(
    backend: CodePipelineBackend,
    *,
    category: str,
    provider: str,
    version: str,
    input_artifact_details: Mapping[str, int],
    output_artifact_details: Mapping[str, int],
    settings: Mapping[str, str] | None = None,
    configuration_properties: Sequence[Mapping[str, Any]] = (),
    tags: Sequence[Mapping[str, str]] = (),
) -> Document:
    """Create a type, or restore a deleted one with the same definition."""
    document = {
        "id": {"category": category, "owner": "Custom", "provider": provider, "version": version},
        "settings": dict(settings or {}),
        "actionConfigurationProperties": list(configuration_properties),
        "inputArtifactDetails": input_artifact_details,
        "outputArtifactDetails": output_artifact_details,
    }
    custom_types.check(document)
    tag_operations.check(tags)
    kind = _add(backend, (category, provider, version), document)
    kind.tags = {tag["key"]: tag["value"] for tag in tags}
    return {"actionType": document, "tags": tag_operations.shown(kind)}


def delete_custom_action_type(
    backend: CodePipelineBackend, *, category: str, provider: str, version: str
) -> Document:
    """Delete a type. Later polls for it fail. Deleting a missing type is not an error."""
    kind = backend.custom_types.get((category, provider, version))
    if kind is not None:
        kind.deleted = True
    return {}


def list_action_types(
    backend: CodePipelineBackend,
    *,
    action_owner_filter: str | None = None,
    region_filter: str | None = None,
    next_token: str | None = None,
) -> Document:
    """List the account's custom action types."""
    if action_owner_filter != "Custom":
        raise ValidationException("The sandbox only lists action types with the owner Custom")
    region = region_filter or backend.region_name
    kinds = backend.in_region(region).custom_types
    return pagination.answer(
        "actionTypes",
        [kinds[key] for key in sorted(kinds) if not kinds[key].deleted],
        lambda kind: kind.document,
        position=lambda kind: list(custom_types.key_of(kind.document["id"])),
        scope=["ListActionTypes", region],
        size=PAGE,
        token=next_token,
    )


def poll_for_jobs(
    backend: CodePipelineBackend,
    *,
    action_type_id: Mapping[str, str],
    max_batch_size: int | None = None,
    query_param: Mapping[str, str] | None = None,
) -> Document:
    """Return the jobs of a type that no worker has acknowledged yet, oldest first."""
    if action_type_id["owner"] != "Custom":
        raise ValidationException("Only action types with the owner Custom can be polled for jobs")
    kind = backend.custom_types.get(custom_types.key_of(action_type_id))
    if kind is None or kind.deleted:
        raise ActionTypeNotFoundException(f"There is no action type {dict(action_type_id)}")
    wanted = dict(query_param or {})
    if set(wanted) != ({kind.queryable} if kind.queryable else set()):
        raise ValidationException(f"The queryParam must name the property: {kind.queryable}")
    waiting = [
        job
        for job in backend.jobs.values()
        if isinstance(job, WorkerJob) and job.waiting and job.kind is kind
        if wanted.items() <= job.configuration.items()
    ]
    return {"jobs": [job.dispatch() for job in waiting[:max_batch_size]]}


def acknowledge_job(backend: CodePipelineBackend, *, job_id: str, nonce: str) -> Document:
    """Assign a job to the worker that received the nonce."""
    job = backend.jobs.get(job_id)
    if not isinstance(job, WorkerJob):
        raise JobNotFoundException(f"No job with id '{job_id}' was found")
    if not job.acknowledge(nonce):
        raise InvalidNonceException(f"The nonce does not belong to the job {job_id}")
    return {"status": job.status}


def _add(
    backend: CodePipelineBackend, key: custom_types.Key, document: Document
) -> CustomActionType:
    kinds = backend.custom_types
    known = kinds.get(key)
    if known is not None and not known.deleted:
        raise ValidationException(f"The action type {document['id']} already exists")
    if known is not None and known.document != document:
        raise ValidationException(
            f"The version of {document['id']} was used by a deleted action type"
        )
    if sum(not kind.deleted for kind in kinds.values()) >= MOST_TYPES:
        raise LimitExceededException(
            f"An account can have at most {MOST_TYPES} custom action types"
        )
    name = f"actiontype:Custom/{'/'.join(key)}"
    arn = f"arn:{backend.partition}:codepipeline:{backend.region_name}:{backend.account_id}:{name}"
    kind = kinds[key] = known or CustomActionType(arn, document)
    kind.deleted = False
    return kind
