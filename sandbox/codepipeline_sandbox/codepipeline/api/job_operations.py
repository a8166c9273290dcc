"""The API operations for jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from codepipeline_sandbox.codepipeline import settings
from codepipeline_sandbox.codepipeline.exceptions import JobNotFoundException

if TYPE_CHECKING:
    from collections.abc import Mapping

    from codepipeline_sandbox.codepipeline.engine.jobs import Job
    from codepipeline_sandbox.codepipeline.models import CodePipelineBackend

Document = dict[str, Any]


def get_job_details(backend: CodePipelineBackend, *, job_id: str) -> Document:
    """Return the job's data and its place in the pipeline."""
    job = _job(backend, job_id)
    using = settings.current()
    hidden = job.finished and not using.finished_jobs_have_details
    if hidden or (job.of_function and not using.lambda_jobs_have_details):
        raise _unknown(job_id)
    return {"jobDetails": job.details()}


def put_job_success_result(
    backend: CodePipelineBackend,
    *,
    job_id: str,
    current_revision: Mapping[str, Any] | None = None,
    continuation_token: str | None = None,
    execution_details: Mapping[str, Any] | None = None,
    output_variables: Mapping[str, str] | None = None,
) -> Document:
    """End the job successfully, or request another job with a continuation token."""
    _job(backend, job_id).succeed(
        continuation_token, execution_details or {}, output_variables or {}, current_revision
    )
    return {}


def put_job_failure_result(
    backend: CodePipelineBackend, *, job_id: str, failure_details: Mapping[str, Any]
) -> Document:
    """Fail the job and its action."""
    _job(backend, job_id).fail(failure_details)
    return {}


def _job(backend: CodePipelineBackend, job_id: str) -> Job:
    if job_id not in backend.jobs:
        raise _unknown(job_id)
    return backend.jobs[job_id]


def _unknown(job_id: str) -> JobNotFoundException:
    return JobNotFoundException(f"No job with id '{job_id}' was found")
