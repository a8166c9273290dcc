"""How `doctor` reports a role that lacks a permission."""

from __future__ import annotations

import json

import pytest

from pipeline_run.grants import BASIC, FEATURES, statements
from playground.company import REGION, SECOND
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
def test_a_denied_permission_is_reported_with_the_policy_to_add(
    typed, words, shared_cloud, denied, status
):
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

    # This input needs only the essential permissions.
    result = typed("doctor", *words, "--target-profile", SECOND, "--json")

    assert result.exit_code == status
    (statement,) = findings(result)["to fix"]["add"]
    assert statement["Action"] == [f"codepipeline:{denied}"]
    stages = "/*" if denied == "RetryStageExecution" else ""
    assert statement["Resource"] == [f"arn:aws:codepipeline:{REGION}:{SECOND}:{words[0]}{stages}"]
