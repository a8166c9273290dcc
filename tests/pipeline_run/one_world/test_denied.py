"""What doctor says of a role that lacks a permission."""

from __future__ import annotations

import json

import pytest

from pipeline_run.grants import BASIC, FEATURES, statements
from sandbox.company import REGION, SECOND
from tests.pipeline_run.place import findings


@pytest.fixture(scope="module")
def words(target):
    return target()


@pytest.mark.parametrize(
    "denied, status",
    [
        ("GetPipelineExecution", 1),
        ("StartPipelineExecution", 1),
        ("GetPipelineState", 0),
        ("RetryStageExecution", 0),
        ("ListPipelineExecutions", 0),
        ("ListActionExecutions", 0),
        ("StopPipelineExecution", 0),
    ],
)
def test_what_is_denied_is_told_with_the_policy_to_add(typed, words, shared_cloud, denied, status):
    # given a role without one permission
    granted = {*BASIC, *FEATURES.values()} - {denied}
    policy = {
        "Version": "2012-10-17",
        "Statement": statements(granted, ["arn:aws:codepipeline:*:*:*"]),
    }
    shared_cloud.session(SECOND, REGION).client("iam").put_role_policy(
        RoleName=words[-1].rpartition("/")[2],
        PolicyName="TargetPipelines",
        PolicyDocument=json.dumps(policy),
    )

    # when a target is checked whose input does without all but the essential
    result = typed("doctor", *words, "--target-profile", SECOND, "--json")

    # then it is told for what it is missing, and what to add
    assert result.exit_code == status
    (statement,) = findings(result)["to mend it"]["add"]
    assert statement["Action"] == [f"codepipeline:{denied}"]
    stages = "/*" if denied == "RetryStageExecution" else ""
    assert statement["Resource"] == [f"arn:aws:codepipeline:{REGION}:{SECOND}:{words[0]}{stages}"]
