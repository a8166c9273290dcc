"""Links to the AWS console, in every partition that has a public console."""

from __future__ import annotations

import re
from urllib.parse import quote

from codepipeline_orchestrator.model.target import Place, Target

# https://docs.aws.amazon.com/general/latest/gr/ (console endpoints by partition)
_CONSOLE = {
    "aws": "console.aws.amazon.com",
    "aws-cn": "console.amazonaws.cn",
    "aws-us-gov": "console.amazonaws-us-gov.com",
    "aws-eusc": "console.amazonaws-eusc.eu",
}

_LOG_STREAM = re.compile(
    r"arn:(?P<partition>aws[a-z-]*):logs:(?P<region>[a-z0-9-]+):[0-9]{12}:"
    r"log-group:(?P<group>[^:\s]+):log-stream:(?P<stream>[^\s]+)"
)


def execution_link(target: Target, execution_id: str) -> str | None:
    """The page of one pipeline execution, or None in partitions without a public console."""
    console = _CONSOLE.get(target.partition)
    if console is None:
        return None
    return (
        f"https://{target.region}.{console}/codesuite/codepipeline/pipelines/"
        f"{target.pipeline_name}/executions/{execution_id}/timeline?region={target.region}"
    )


def log_link(log_stream_arn: str | None) -> str | None:
    """The page of a CloudWatch log stream, or None if the ARN belongs to something else."""
    match = _LOG_STREAM.fullmatch(log_stream_arn or "")
    console = _CONSOLE.get(match["partition"]) if match else None
    if match is None or console is None:
        return None
    group, stream = (_in_a_fragment(match[name]) for name in ("group", "stream"))
    return (
        f"https://{match['region']}.{console}/cloudwatch/home?region={match['region']}"
        f"#logsV2:log-groups/log-group/{group}/log-events/{stream}"
    )


def _in_a_fragment(name: str) -> str:
    """URL-encode the name twice, with $ for %, as the CloudWatch console expects."""
    return quote(quote(name, safe=""), safe="").replace("%", "$")


def run_link(run_arn: str) -> str | None:
    """The page of a run in Step Functions, or None in partitions without a public console."""
    place = Place.of(run_arn)
    console = _CONSOLE.get(place.partition)
    if console is None:
        return None
    return (
        f"https://{place.region}.{console}/states/home?region={place.region}"
        f"#/v2/executions/details/{run_arn}"
    )
