"""A CodePipeline action that waits until a change freeze ends.

The action's UserParameters are the name of an SSM parameter. While its value is `closed`, the
action waits. Any other value opens the gate.
"""

from __future__ import annotations

from typing import Any

import boto3
from botocore.exceptions import ClientError

TEMPORARY = {"InternalServerError", "ServiceUnavailable", "ThrottlingException"}


def handler(event: dict[str, Any], context: object) -> None:  # noqa: ARG001 - Lambda passes both
    """Succeed, fail, or ask CodePipeline for another job later."""
    job = event["CodePipeline.job"]
    name = job["data"]["actionConfiguration"]["configuration"]["UserParameters"]
    codepipeline = boto3.client("codepipeline")
    try:
        value = boto3.client("ssm").get_parameter(Name=name)["Parameter"]["Value"]
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code not in TEMPORARY:
            codepipeline.put_job_failure_result(
                jobId=job["id"],
                failureDetails={"type": "ConfigurationError", "message": f"{name}: {code}"},
            )
            return
        value = "closed"
    if value == "closed":
        codepipeline.put_job_success_result(jobId=job["id"], continuationToken="waiting")
    else:
        codepipeline.put_job_success_result(jobId=job["id"], outputVariables={"gate": value})
