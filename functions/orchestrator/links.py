"""Links into the AWS console, right in every partition that has one."""

from __future__ import annotations

from orchestrator.target import Place, Target

# https://docs.aws.amazon.com/general/latest/gr/ (console endpoints by partition)
_CONSOLE = {
    "aws": "console.aws.amazon.com",
    "aws-cn": "console.amazonaws.cn",
    "aws-us-gov": "console.amazonaws-us-gov.com",
    "aws-eusc": "console.amazonaws-eusc.eu",
}


def execution_link(target: Target, execution_id: str) -> str | None:
    """The page of one pipeline execution; None in partitions whose console is not public."""
    console = _CONSOLE.get(target.partition)
    if console is None:
        return None
    return (
        f"https://{target.region}.{console}/codesuite/codepipeline/pipelines/"
        f"{target.pipelineName}/executions/{execution_id}/timeline?region={target.region}"
    )


def run_link(run_arn: str) -> str | None:
    """The page of a run in Step Functions; None in partitions whose console is not public."""
    place = Place.of(run_arn)
    console = _CONSOLE.get(place.partition)
    if console is None:
        return None
    return (
        f"https://{place.region}.{console}/states/home?region={place.region}"
        f"#/v2/executions/details/{run_arn}"
    )
