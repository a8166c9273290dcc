"""What is named and is not there, or is somebody else's."""

from __future__ import annotations

import pytest

from sandbox.accounts import TOOLS


def test_a_state_machine_of_somebody_else_is_told(typed, shared_company, shared_cloud):
    # given a state machine that is none of ours
    definition = (
        '{"StartAt": "Go", "QueryLanguage": "JSONata", "States": {"Go": {"Type": "Succeed"}}}'
    )
    arn = shared_company.stepfunctions().create_state_machine(
        name="other", definition=definition, roleArn=f"arn:aws:iam::{TOOLS}:role/other"
    )["stateMachineArn"]

    # when it is named as the deployment's
    result = typed("doctor", "web", "--state-machine", arn)

    # then that is what is told
    assert result.exit_code == 3
    assert "is no state machine of codepipeline-orchestrator" in result.stderr


@pytest.mark.parametrize("name", ["nothing", "no such run", "a" * 90])
def test_a_run_that_there_is_not_is_told(typed, shared_company, name):
    result = typed("watch", name)

    assert result.exit_code == 3
    assert "pipeline-run: " in result.stderr
    assert "There is no run" in result.stderr


def test_a_stack_that_is_no_deployment_is_told(typed, shared_company):
    missing = typed("list", "--stack", "nothing")

    assert missing.exit_code == 3
    assert "nothing" in missing.stderr
