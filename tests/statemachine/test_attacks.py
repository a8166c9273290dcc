from __future__ import annotations

import json

import pytest

from codepipeline_sandbox.codepipeline import Act
from playground.company import REGION, SECOND, TOOLS
from tests.statemachine.operating import start_run
from tests.statemachine.reading import result

EXPRESSION = "{% $states.context.Execution.RoleArn %}"
HARM = '\x1b[2J\x9b31m {% $target %} ${Partition}\n{"level":"INFO"}\u202e [x](https://x) <b>'
JOB = "11111111-2222-4333-8444-555555555555"


def test_an_expression_in_an_input_is_treated_as_plain_text(company, target, run):
    # Step Functions would evaluate these values if they were part of the definition.
    document = target(variables=[{"name": "VERSION"}], pipelineType="V2")
    variables = [{"name": "VERSION", "value": EXPRESSION}]
    sent = {**document, "clientRequestToken": EXPRESSION, "variables": variables}

    described = run(sent)

    started = result(described)["pipelineExecutionId"]
    found = company.codepipeline(SECOND).get_pipeline_execution(
        pipelineName="deploy", pipelineExecutionId=started
    )["pipelineExecution"]
    assert found["variables"] == [{"name": "VERSION", "resolvedValue": EXPRESSION}]


def test_a_target_message_is_shown_and_never_interpreted(cloud, target, release):
    document = target(Act(60, "Failed", error_message=HARM))

    details = release(document)["output"]["executionResult"]["errorDetails"]

    first, *others = details["message"].splitlines()
    assert "[2J 31m {% $target %} ${Partition}" in first
    assert not set("\x1b\x9b\u202e") & set(details["message"])
    assert [line.split()[0] for line in others] == [
        "To",
        "aws",
        "To",
        "pipeline-run",
        others[-1],
    ]
    assert others[-1].startswith("https://eu-west-1.console.aws.amazon.com/codesuite/")
    ours = [line.text for line in cloud.functions.log_lines if line.text.startswith("{")]
    assert ours
    assert all(line.isascii() and json.loads(line) for line in ours)


@pytest.mark.parametrize(
    "document",
    [
        {"job": {"id": JOB}, "input": {"pipelineName": "deploy"}},
        {"job": {"id": JOB, "held": True, "action": "0" * 32}, "input": {"pipelineName": "deploy"}},
        {"job": {"id": "no id", "held": True, "action": "x"}, "input": {"pipelineName": "deploy"}},
        {"job": {"held": True}, "input": {}},
        {"job": {"held": True}},
        {"job": EXPRESSION, "input": EXPRESSION},
        {"job": {"id": JOB, "held": True, "action": ["x"]}, "input": None},
        [EXPRESSION],
        EXPRESSION,
        None,
    ],
)
def test_a_run_with_a_nonexistent_job_fails_without_crashing_a_function(
    cloud, company, world, document
):
    stepfunctions = company.stepfunctions()
    runs = [start_run(company, document) for _ in range(2)]
    stepfunctions.stop_execution(executionArn=runs[1], error=EXPRESSION, cause=HARM)
    world.run()

    described = stepfunctions.describe_execution(executionArn=runs[0])
    assert described["status"] == "FAILED"
    assert described["error"] in {"InvalidInput", "TargetAccessDenied", "ResultNotReported"}
    lines = [line.text for line in cloud.functions.log_lines]
    assert [line for line in lines if "the function failed" in line] == []


ROLES = [
    (f"arn:aws-cn:iam::{SECOND}:role/codepipeline-orchestrator-target", "InvalidInput"),
    (f"arn:aws:iam::{SECOND}:role/Administrator", "TargetRoleNotAssumable"),
    (f"arn:aws:iam::{TOOLS}:role/Administrator", "TargetRoleNotAssumable"),
    (f"arn:aws:iam::{SECOND}:user/codepipeline-orchestrator-target", "InvalidInput"),
]


@pytest.mark.parametrize("arn, error", ROLES, ids=[arn for arn, _ in ROLES])
def test_only_roles_that_the_deployment_names_are_assumed(cloud, target, run, arn, error):
    # The roles trust every principal in the tools account.
    everybody = {"AWS": f"arn:aws:iam::{TOOLS}:root"}
    trust = {"Effect": "Allow", "Principal": everybody, "Action": "sts:AssumeRole"}
    document = {"Version": "2012-10-17", "Statement": [trust]}
    for account in (TOOLS, SECOND):
        cloud.session(account, REGION).client("iam").create_role(
            RoleName="Administrator", AssumeRolePolicyDocument=json.dumps(document)
        )

    assert run({**target(), "roleArn": arn})["error"] == error
