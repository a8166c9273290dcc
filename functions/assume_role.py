"""Reads and checks the input, proves that the role can be assumed, returns the target."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from orchestrator import clients, clock
from orchestrator.errors import InvalidInput
from orchestrator.identity import start_identity
from orchestrator.input_reader import parse_input
from orchestrator.run_input import DEFAULT_MINUTES, MOST_MINUTES_WITH_A_JOB, RunInput
from orchestrator.run_state import Request
from orchestrator.target import Place, Target, pipeline_arn
from orchestrator.telemetry import bind_run, count, logged, logger

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext


@logged
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001
    """Return the target, the request and the job that the run holds; never credentials."""
    bind_run(event["run"])
    if event["attempt"] == 0:
        count("RunsStarted")
    job, document = split_job(event["input"])
    run_input = parse_input(document)
    target = target_of(
        run_input,
        run=event["run"],
        start_time=event["startTime"],
        local_role=clients.environment("LOCAL_TARGET_ROLE_ARN"),
        external_id=clients.environment("EXTERNAL_ID"),
    )
    clients.target_codepipeline(target)
    logger.info("the target can be reached", target=target.arn, role=target.roleArn)
    return {
        "target": target.to_document(),
        "request": request_of(
            run_input, start_time=event["startTime"], has_job=job is not None
        ).to_document(),
        "heldJobId": job["id"] if job and job.get("held") else None,
    }


def split_job(document: Any) -> tuple[Mapping[str, Any] | None, Any]:
    """The CodePipeline job that asked for the run, if one did, and the input proper.

    codepipeline_job sends both; everybody else sends the input as it is.
    """
    if isinstance(document, Mapping) and document.keys() == {"job", "input"}:
        return document["job"], document["input"]
    return None, document


def target_of(
    run_input: RunInput,
    *,
    run: str,
    start_time: str,
    local_role: str | None,
    external_id: str | None,
) -> Target:
    """The target that the input names, with the deployment's defaults.

    Raises InvalidInput when there is no role that could reach it.
    """
    here = Place.of(run)
    role_arn = run_input.role_arn or local_role
    if role_arn is None:
        raise InvalidInput(
            "roleArn: missing. This deployment has no role for pipelines of its own account: set "
            "its parameter LocalPipelineNames, or name a roleArn."
        )
    place = Place.of(role_arn)
    region = run_input.region or here.region
    arn = pipeline_arn(place.partition, region, place.account, run_input.pipeline_name)
    return Target(
        pipelineName=run_input.pipeline_name,
        account=place.account,
        region=region,
        partition=place.partition,
        roleArn=role_arn,
        externalId=run_input.external_id or external_id,
        roleSessionName=start_identity(
            run_arn=run,
            start_time=start_time,
            target_arn=arn,
            client_request_token=run_input.client_request_token,
        ),
    )


def request_of(run_input: RunInput, *, start_time: str, has_job: bool) -> Request:
    """What was asked for, with the deadline counted from the run's start."""
    default = MOST_MINUTES_WITH_A_JOB if has_job else DEFAULT_MINUTES
    started = datetime.fromisoformat(start_time)
    deadline = started + timedelta(minutes=run_input.timeout_minutes or default)
    document = run_input.to_document()
    return Request(
        mode=run_input.mode,
        wait=run_input.wait,
        startedAt=clock.iso(started),
        deadline=clock.iso(deadline),
        variables=document.get("variables"),  # type: ignore[arg-type] # dumped by the model
        sourceRevisions=document.get("sourceRevisions"),  # type: ignore[arg-type] # as above
    )
