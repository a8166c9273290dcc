"""Validates the input, checks that the target's role can be assumed, and returns the target."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from codepipeline_orchestrator.aws import clients
from codepipeline_orchestrator.errors import InvalidInput, TargetUnavailable
from codepipeline_orchestrator.input.fields import (
    RunInput,
)
from codepipeline_orchestrator.input.parsing import parse_input
from codepipeline_orchestrator.input.to_request import request_of
from codepipeline_orchestrator.model.action_job import ActionJob
from codepipeline_orchestrator.model.documents import to_document
from codepipeline_orchestrator.model.start_identity import start_identity
from codepipeline_orchestrator.model.state import NO_RENEWAL
from codepipeline_orchestrator.model.target import Place, Target, pipeline_arn
from codepipeline_orchestrator.telemetry import bind_run, count, logged, logger

_JOB_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext


@logged
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001
    """Return the target, the request and the run's job, without credentials."""
    bind_run(event["run"])
    if event["attempt"] == 0:
        count("RunsStarted")
    job, document = split_job(event["input"])
    run_input = parse_input(document)
    target = target_of(
        run_input,
        run=event["run"],
        start_time=event["startTime"],
        local_role=clients.required("LOCAL_TARGET_ROLE_ARN"),
        external_id=clients.required("EXTERNAL_ID"),
    )
    # CloudTrail records the session name, even in the target's account. This log line maps the
    # session name to the run.
    logger.info(
        "assuming the target's role", role=target.role_arn, session=target.role_session_name
    )
    _prove_role(target)
    started_at = datetime.fromisoformat(event["startTime"])
    request = request_of(
        run_input,
        started_at=started_at,
        has_job=job is not None,
        hears=may_hear(
            target, here=Place.of(event["run"]), senders=clients.required("EVENT_SENDERS")
        ),
    )
    return {
        "ended": False,
        "then": "ConfirmAction" if job else "StartExecution",
        "changes": {
            "run": event["run"],
            "target": to_document(target),
            "request": {
                **to_document(request),
                "renewBefore": to_document(request.deadline - NO_RENEWAL),
            },
            "job": to_document(ActionJob(job["secret"], started_at) if job else None),
            "execution": None,
            "memory": None,
            "listening": None,
            "abandoned": False,
            "turnUntil": None,
            "pollAt": event["startTime"],
        },
    }


def may_hear(target: Target, *, here: Place, senders: str) -> bool:
    """Whether the target's events can reach this deployment.

    The deployment's own rule covers its own account and Region. `senders` is the EventSenders
    parameter, a list of account IDs and organization IDs. Any organization counts as a match
    because its member accounts are unknown.
    """
    is_local = (target.account, target.region) == (here.account, here.region)
    allowed = senders.split(",")
    return is_local or any(each == target.account or each.startswith("o-") for each in allowed)


def _prove_role(target: Target) -> None:
    """Raise TargetRoleNotAssumable if STS refuses the role.

    If STS does not answer, the StartExecution state keeps trying until the deadline.
    """
    try:
        clients.prove_role(target)
    except TargetUnavailable as error:
        logger.warning(
            "STS has not answered AssumeRole for the target's role yet", reason=str(error)
        )
    else:
        logger.info("assumed the target's role", target=target.arn, role=target.role_arn)


def split_job(document: Any) -> tuple[Mapping[str, Any] | None, Any]:
    """Split the document into the run's job, which may be None, and the input.

    Only codepipeline_job adds a job. All other callers send only the input. Raises InvalidInput if
    the job is invalid.
    """
    if not isinstance(document, Mapping) or document.keys() != {"job", "input"}:
        return None, document
    job = document["job"]
    if not isinstance(job, Mapping) or not _is_of_ours(job):
        raise InvalidInput(
            "job: reserved for the CodePipelineJob function. Start a run with the input itself: "
            '{"pipelineName": "MyPipeline"}.'
        )
    return job, document["input"]


def _is_of_ours(job: Mapping[str, Any]) -> bool:
    has_id = _JOB_ID.fullmatch(str(job.get("id"))) is not None
    return job.keys() == {"id", "secret"} and has_id and isinstance(job["secret"], str)


def target_of(
    run_input: RunInput,
    *,
    run: str,
    start_time: str,
    local_role: str,
    external_id: str,
) -> Target:
    """Build the target from the input and the deployment's defaults.

    Raises InvalidInput for a role in another partition, because STS's own error would not explain
    the mistake.
    """
    here = Place.of(run)
    role_arn = run_input.role_arn or local_role
    place = Place.of(role_arn)
    if place.partition != here.partition:
        raise InvalidInput(
            f"roleArn: {role_arn} is in the partition {place.partition}, but this deployment is in "
            f"{here.partition}. Roles in other partitions cannot be assumed."
        )
    region = run_input.region or here.region
    arn = pipeline_arn(place.partition, region, place.account, run_input.pipeline_name)
    return Target(
        pipeline_name=run_input.pipeline_name,
        account=place.account,
        region=region,
        partition=place.partition,
        role_arn=role_arn,
        external_id=run_input.external_id or external_id,
        role_session_name=start_identity(
            run_arn=run,
            start_time=start_time,
            target_arn=arn,
            client_request_token=run_input.client_request_token,
        ),
    )
