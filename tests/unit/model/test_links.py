from __future__ import annotations

from dataclasses import replace

import pytest

from assume_role import target_of
from codepipeline_orchestrator.errors import InvalidInput
from codepipeline_orchestrator.input.parsing import parse_input
from codepipeline_orchestrator.model.links import execution_link, log_link, run_link
from codepipeline_orchestrator.model.target import Target

TARGET = Target("deploy", "222233334444", "eu-west-1", "aws", "arn", None, "run-1")

# Each partition, one of its Regions, and its console URL if the console is public.
PARTITIONS = [
    ("aws", "eu-west-1", "https://eu-west-1.console.aws.amazon.com/"),
    ("aws-cn", "cn-north-1", "https://cn-north-1.console.amazonaws.cn/"),
    ("aws-us-gov", "us-gov-west-1", "https://us-gov-west-1.console.amazonaws-us-gov.com/"),
    ("aws-eusc", "eusc-de-east-1", "https://eusc-de-east-1.console.amazonaws-eusc.eu/"),
    ("aws-iso", "us-iso-east-1", None),
    ("aws-iso-b", "us-isob-east-1", None),
    ("aws-iso-e", "eu-isoe-west-1", None),
    ("aws-iso-f", "us-isof-south-1", None),
]
PUBLIC = [each for each in PARTITIONS if each[2]]
NOT_PUBLIC = [each for each in PARTITIONS if not each[2]]


def run_arn(partition, region):
    return f"arn:{partition}:states:{region}:111122223333:execution:Runs:job-1"


@pytest.mark.parametrize("partition, region, console", PUBLIC)
def test_a_link_leads_to_the_console_of_its_partition(partition, region, console):
    link = execution_link(replace(TARGET, partition=partition, region=region), "1234")
    assert link == (
        f"{console}codesuite/codepipeline/pipelines/deploy/executions/1234/timeline?region={region}"
    )
    arn = run_arn(partition, region)
    assert run_link(arn) == f"{console}states/home?region={region}#/v2/executions/details/{arn}"


@pytest.mark.parametrize("partition, region, console", NOT_PUBLIC)
def test_a_partition_without_a_public_console_has_no_link(partition, region, console):
    assert execution_link(replace(TARGET, partition=partition, region=region), "1234") is console
    assert run_link(run_arn(partition, region)) is console


@pytest.mark.parametrize("partition, region, console", PARTITIONS)
@pytest.mark.parametrize("remote", [True, False])
def test_the_arns_of_a_target_use_its_partition(partition, region, console, remote):
    role = f"arn:{partition}:iam::222233334444:role/path/target"
    document = {"pipelineName": "deploy", **({"roleArn": role} if remote else {})}

    targets = [
        target_in(partition, region, role, {**document, **more})
        for more in ({}, {"region": region})
    ]

    arn = f"arn:{partition}:codepipeline:{region}:222233334444:deploy"
    assert [each.arn for each in targets] == [arn, arn]
    assert {each.partition for each in targets} == {partition}


def target_in(partition, region, role, document):
    return target_of(
        parse_input(document),
        run=run_arn(partition, region),
        start_time="2026-01-05T09:00:00Z",
        local_role=role,
        external_id="codepipeline-orchestrator",
    )


def test_a_role_of_another_partition_is_refused():
    document = {"pipelineName": "deploy", "roleArn": "arn:aws-cn:iam::222233334444:role/target"}
    with pytest.raises(
        InvalidInput, match=r"is in the partition aws-cn, but this deployment is in aws\."
    ):
        target_in("aws", "eu-west-1", "arn:aws:iam::111122223333:role/local", document)


@pytest.mark.parametrize(
    "partition, region, console",
    [
        ("aws", "eu-west-1", "console.aws.amazon.com"),
        ("aws-cn", "cn-north-1", "console.amazonaws.cn"),
        ("aws-us-gov", "us-gov-west-1", "console.amazonaws-us-gov.com"),
        ("aws-eusc", "eusc-de-east-1", "console.amazonaws-eusc.eu"),
    ],
)
def test_a_log_stream_is_linked_in_every_partition(partition, region, console):
    arn = (
        f"arn:{partition}:logs:{region}:222233334444:log-group:/aws/codebuild/a b"
        ":log-stream:x/[$LATEST]1:2"
    ).replace(" ", "-")
    assert log_link(arn) == (
        f"https://{region}.{console}/cloudwatch/home?region={region}#logsV2:log-groups/log-group/"
        "$252Faws$252Fcodebuild$252Fa-b/log-events/x$252F$255B$2524LATEST$255D1$253A2"
    )


@pytest.mark.parametrize(
    "arn",
    [
        None,
        "",
        "https://evil.example",
        "arn:aws:s3:::bucket",
        "arn:aws:logs:eu-west-1:222233334444:log-group:/aws/b",
        "arn:aws-iso:logs:us-iso-east-1:222233334444:log-group:g:log-stream:s",
    ],
)
def test_only_a_log_stream_with_a_public_console_has_a_link(arn):
    assert log_link(arn) is None
