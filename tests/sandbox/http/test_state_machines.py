"""Step Functions over HTTP: refusals that clients do not retry, and calls between services."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.sandbox.http.served import run, until

if TYPE_CHECKING:
    from tests.sandbox.http.served import Served

# All tests in the group share one server.
pytestmark = pytest.mark.xdist_group("server")

TRUST = {
    "Version": "2012-10-17",
    "Statement": {
        "Effect": "Allow",
        "Principal": {"Service": "states.amazonaws.com"},
        "Action": "sts:AssumeRole",
    },
}
READ = {"Effect": "Allow", "Action": "codepipeline:GetPipeline", "Resource": "*"}


def step_functions(served: Served) -> Any:
    """A client that omits the host prefix `sync-`, because no local host has it."""
    return boto3.client(
        "stepfunctions",
        endpoint_url=f"http://127.0.0.1:{served.port}",
        region_name="eu-west-1",
        aws_access_key_id="AKIA111122223333ROOT",
        aws_secret_access_key="administrator",
        config=Config(inject_host_prefix=False),
    )


@pytest.fixture(scope="module")
def role(served: Served) -> str:
    iam = served.client("iam")
    name = "PipelineReader"
    created = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))
    policy = json.dumps({"Version": "2012-10-17", "Statement": READ})
    iam.put_role_policy(RoleName=name, PolicyName="Read", PolicyDocument=policy)
    return str(created["Role"]["Arn"])


def definition(state: dict[str, Any]) -> str:
    return json.dumps({"QueryLanguage": "JSONata", "StartAt": "A", "States": {"A": state}})


@pytest.mark.rule("N7")
@pytest.mark.parametrize("operation", ["TestState", "StartSyncExecution"])
def test_a_client_does_not_retry_a_synchronous_call(served: Served, operation: str) -> None:
    client = step_functions(served)
    arn = "arn:aws:states:eu-west-1:111122223333:stateMachine:none"

    call, parameters = {
        "TestState": (client.test_state, {"definition": "{}"}),
        "StartSyncExecution": (client.start_sync_execution, {"stateMachineArn": arn}),
    }[operation]

    with pytest.raises(ClientError) as refused:
        call(**parameters)

    response = refused.value.response
    message = f"The sandbox does not support the operation {operation}"
    assert response["Error"] == {"Code": "ValidationException", "Message": message}
    assert response["ResponseMetadata"]["RetryAttempts"] == 0


@pytest.mark.rule("N7")
def test_the_aws_cli_shows_that_a_synchronous_call_is_not_supported(served: Served) -> None:
    shown = run(
        served,
        "export AWS_DISABLE_HOST_PREFIX_INJECTION=true\n"
        "aws stepfunctions test-state --definition '{}' 2>&1 || true",
    )

    assert "(ValidationException)" in shown
    assert "The sandbox does not support the operation TestState" in shown


@pytest.mark.rule("L1")
def test_the_aws_cli_shows_why_a_definition_is_refused(served: Served, role: str) -> None:
    text = definition({"Type": "Pass", "Output": {"v": "{% phone %}"}, "End": True})

    shown = run(
        served,
        "aws stepfunctions create-state-machine --name bare "
        f"--role-arn {role} --definition '{text}' 2>&1 || true",
    )

    assert (
        "An error occurred (InvalidDefinition) when calling the CreateStateMachine operation: "
        "Invalid State Machine Definition: 'UNSUPPORTED_JSONATA_EXPRESSION: Reference to 'phone' "
        "at the top level is not supported. at /States/A/Output/v'"
    ) in shown


@pytest.mark.rule("I1", "I2")
@pytest.mark.parametrize("pipeline, status", [("MyFirstPipeline", "SUCCEEDED"), ("none", "FAILED")])
def test_a_state_machine_calls_codepipeline(
    served: Served, role: str, pipeline: str, status: str
) -> None:
    # given
    client = step_functions(served)
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:codepipeline:getPipeline",
        "Arguments": {"Name": pipeline},
        "Output": "{% $states.result.Pipeline.Name %}",
        "End": True,
    }
    machine = client.create_state_machine(
        name=f"reads-{pipeline}", definition=definition(task), roleArn=role
    )["stateMachineArn"]

    # when
    execution = client.start_execution(stateMachineArn=machine)["executionArn"]

    # then
    def look() -> Any:
        return client.describe_execution(executionArn=execution)["status"]

    assert until({"SUCCEEDED", "FAILED"}, look) == status
    end = client.describe_execution(executionArn=execution)
    if status == "SUCCEEDED":
        assert json.loads(end["output"]) == pipeline
    else:
        assert end["error"] == "CodePipeline.PipelineNotFoundException"
