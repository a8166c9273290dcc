"""How commands report missing runs and stacks, and another product's state machine."""

from __future__ import annotations

import pytest

from playground.accounts import TOOLS


def test_the_state_machine_of_another_product_is_rejected(typed, shared_company, shared_cloud):
    definition = (
        '{"StartAt": "Go", "QueryLanguage": "JSONata", "States": {"Go": {"Type": "Succeed"}}}'
    )
    arn = shared_company.stepfunctions().create_state_machine(
        name="other", definition=definition, roleArn=f"arn:aws:iam::{TOOLS}:role/other"
    )["stateMachineArn"]

    result = typed("doctor", "web", "--state-machine", arn)

    assert result.exit_code == 3
    assert "is not a state machine of codepipeline-orchestrator" in result.stderr


@pytest.mark.parametrize("name", ["nothing", "no such run", "a" * 90])
def test_a_missing_run_is_reported(typed, shared_company, name):
    result = typed("watch", name)

    assert result.exit_code == 3
    assert f"pipeline-run: No run matches {name!r}." in result.stderr


def test_a_missing_stack_is_reported(typed, shared_company):
    missing = typed("list", "--stack", "nothing")

    assert missing.exit_code == 3
    assert "There is no stack nothing in account 111122223333, eu-west-1." in missing.stderr
