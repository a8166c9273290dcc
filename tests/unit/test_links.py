"""Links into the console, by partition."""

from __future__ import annotations

from dataclasses import replace

import pytest

from orchestrator.links import execution_link, run_link
from orchestrator.target import Target

TARGET = Target("deploy", "222233334444", "eu-west-1", "aws", "arn", None, "run-1")


@pytest.mark.parametrize(
    "partition, region, console",
    [
        ("aws", "eu-west-1", "https://eu-west-1.console.aws.amazon.com/"),
        ("aws-cn", "cn-north-1", "https://cn-north-1.console.amazonaws.cn/"),
        ("aws-us-gov", "us-gov-west-1", "https://us-gov-west-1.console.amazonaws-us-gov.com/"),
    ],
)
def test_a_link_leads_to_the_partitions_own_console(partition, region, console):
    link = execution_link(replace(TARGET, partition=partition, region=region), "1234")
    assert link == (
        f"{console}codesuite/codepipeline/pipelines/deploy/executions/1234/timeline?region={region}"
    )
    arn = f"arn:{partition}:states:{region}:111122223333:execution:Runs:job-1"
    assert run_link(arn) == (f"{console}states/home?region={region}#/v2/executions/details/{arn}")


def test_where_the_console_is_not_public_there_is_no_link():
    assert execution_link(replace(TARGET, partition="aws-iso"), "1234") is None
    assert run_link("arn:aws-iso:states:us-iso-east-1:111122223333:execution:Runs:x") is None
