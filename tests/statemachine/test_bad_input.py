from __future__ import annotations

import json

import pytest

from codepipeline_sandbox.cloudformation import deploy
from codepipeline_sandbox.codepipeline import Act, settings
from playground.company import REGION, ROOT, SECOND, THIRD, TOOLS
from tests.statemachine.reading import executions, result, runs_of

ROLE = f"arn:aws:iam::{SECOND}:role/codepipeline-orchestrator-target"

AT_ONCE = [
    # The UserParameters, and a part of the error message.
    ("{", "not JSON"),
    ("{}", "pipelineName: missing"),
    ('{"pipelineName": "deploy", "rolearn": "x"}', "did you mean roleArn?"),
    ('{"pipelineName": 7}', "pipelineName: 7 was given"),
    (
        '{"pipelineName": "deploy", "timeoutMinutes": 9999}',
        "the maximum for a Lambda action is 1420",
    ),
    ('{"detail-type": "x", "detail": {}}', "The input is an event"),
    ('{"pipelineName": "release"}', "release names itself"),
    ('{"targetname": "deploy", "assumerolearn": "arn:x"}', "assumerolearn: 'arn:x' was given"),
]


@pytest.mark.parametrize("user_parameters, words", AT_ONCE)
def test_a_mistake_in_user_parameters_fails_the_action_within_one_invocation(
    company, release, world, user_parameters, words
):
    began = world.now
    action = release(user_parameters)

    error = action["output"]["executionResult"]["errorDetails"]
    assert error["code"] == "ConfigurationError"
    assert words in error["message"]
    assert world.now - began < 15
    assert runs_of(company) == []


def test_an_action_without_user_parameters_fails_immediately(company, world):
    action = company.waiting_action("Wait", "")
    del action.configuration["UserParameters"]
    company.add_pipeline("release", {"Go": [action]})
    company.start("release")
    world.run()
    error = company.action("release", "Wait")["output"]["executionResult"]["errorDetails"]
    assert "no UserParameters" in error["message"]


FIRST_STATES = [
    # The input, the error, CodePipeline's failure type, and parts of the message.
    (
        {"pipelineName": "missing", "roleArn": ROLE},
        "PipelineNotFound",
        "ConfigurationError",
        ["no pipeline missing in account 222233334444, Region eu-west-1", "PipelineNotFound"],
    ),
    (
        {"pipelineName": "deploy", "roleArn": ROLE, "region": "eu-central-1"},
        "PipelineNotFound",
        "ConfigurationError",
        ["Region eu-central-1"],
    ),
    (
        {"pipelineName": "deploy", "roleArn": f"arn:aws:iam::{SECOND}:role/other"},
        "TargetRoleNotAssumable",
        "PermissionError",
        ["role/other", "sts:AssumeRole", "AllowedTargetRoleArns"],
    ),
    (
        {"pipelineName": "deploy", "roleArn": ROLE, "externalId": "wrong"},
        "TargetRoleNotAssumable",
        "PermissionError",
        [ROLE, "'wrong'", "AccessDenied"],
    ),
    (
        {"pipelineName": "deploy"},
        "TargetAccessDenied",
        "PermissionError",
        ["is not allowed to perform codepipeline:StartPipelineExecution", "AccessDenied"],
    ),
    (
        {"pipelineName": "deploy", "roleArn": ROLE, "mode": "latest"},
        "PipelineNeverRun",
        "ConfigurationError",
        ["no execution", "'start'"],
    ),
    (
        {
            "pipelineName": "deploy",
            "roleArn": ROLE,
            "variables": [{"name": "UNDECLARED", "value": "1"}],
        },
        "StartRefused",
        "ConfigurationError",
        ["UNDECLARED"],
    ),
]
IDS = [f"{error}-{number}" for number, (_, error, _, _) in enumerate(FIRST_STATES)]


@pytest.mark.parametrize("document, error, code, words", FIRST_STATES, ids=IDS)
def test_a_target_that_cannot_be_reached_fails_the_run_in_its_first_states(
    target, run, world, document, error, code, words
):
    target()
    began = world.now
    described = run(document)
    assert described["error"] == error
    message = result(described)["message"]
    assert [word for word in words if word not in message] == []
    assert world.now - began < 5


@pytest.mark.parametrize("document, error, code, words", FIRST_STATES, ids=IDS)
def test_a_target_that_cannot_be_reached_fails_the_action_at_the_first_poll(
    target, release, world, document, error, code, words
):
    target()
    began = world.now
    details = release(document)["output"]["executionResult"]["errorDetails"]
    assert details["code"] == code
    assert [word for word in words if word not in details["message"]] == []
    assert world.now - began < 60


def test_the_message_names_a_role_that_does_not_trust_the_deployment(cloud, company, run):
    # The target role trusts another deployment of the orchestrator.
    deploy(
        cloud,
        ROOT / "target-role.yaml",
        account_id=THIRD,
        region=REGION,
        stack_name="foreign",
        parameters={
            "OrchestratorRoleArn": f"arn:aws:iam::{TOOLS}:role/somebody-else",
            "PipelineNames": "*",
            "RoleName": "foreign",
        },
        capabilities=("CAPABILITY_NAMED_IAM",),
    )
    iam = cloud.session(TOOLS, REGION).client("iam")
    role = company.stack.outputs["TargetAccessRoleArn"].rpartition("/")[2]
    foreign = f"arn:aws:iam::{THIRD}:role/foreign"
    allow(iam, role, "sts:AssumeRole", foreign)

    described = run({"pipelineName": "deploy", "roleArn": foreign})

    assert described["error"] == "TargetRoleNotAssumable"
    assert foreign in result(described)["message"]


@pytest.mark.parametrize("action", ["StartPipelineExecution", "GetPipelineExecution"])
def test_the_message_names_a_call_that_the_target_role_does_not_allow(
    cloud, company, target, run, action
):
    document = target()
    iam = cloud.session(SECOND, REGION).client("iam")
    allow(iam, "codepipeline-orchestrator-target", f"codepipeline:{action}", "*", effect="Deny")
    described = run(document)
    assert described["error"] == "TargetAccessDenied"
    assert f"codepipeline:{action}" in result(described)["message"]
    assert f"arn:aws:codepipeline:eu-west-1:{SECOND}:deploy" in result(described)["message"]


@pytest.mark.parametrize("action", ["ListPipelineExecutions", "ListActionExecutions"])
def test_a_denied_call_for_additional_details_does_not_change_the_outcome(
    cloud, target, run, action
):
    document = target(Act(60, "Failed"))
    iam = cloud.session(SECOND, REGION).client("iam")
    allow(iam, "codepipeline-orchestrator-target", f"codepipeline:{action}", "*", effect="Deny")
    described = run(document)
    assert described["error"] == "PipelineFailed"


@pytest.mark.parametrize(
    "deployment", [{"LocalPipelineNames": "allowed"}], ids=["another pipeline is named"]
)
def test_the_deployment_has_to_name_local_pipelines(run):
    assert run({"pipelineName": "other"})["error"] == "TargetAccessDenied"


def test_naming_the_invoking_pipeline_with_its_own_region_and_role_is_refused_too(company, release):
    action = release(
        {
            "pipelineName": "release",
            "region": REGION,
            "roleArn": company.stack.outputs["LocalTargetRoleArn"],
        }
    )
    assert "names itself" in action["output"]["executionResult"]["errorDetails"]["message"]
    assert len(executions(company, "release", TOOLS)) == 1


@pytest.mark.rule("J7")
@pytest.mark.parametrize(
    "context", ["full", "without_arn", "without_execution", "without_arn_and_execution"]
)
def test_the_invoking_pipeline_is_refused_whichever_field_names_it(company, release, context):
    settings.use(settings.Settings(lambda_job_context=context))

    action = release({"pipelineName": "release"})

    assert "names itself" in action["output"]["executionResult"]["errorDetails"]["message"]
    assert len(executions(company, "release", TOOLS)) == 1


@pytest.mark.rule("J7")
def test_an_action_whose_job_has_no_context_works(company, release, target):
    settings.use(settings.Settings(lambda_job_context="none"))

    action = release(target())

    assert action["status"] == "Succeeded"


def test_a_job_from_another_account_starts_nothing_and_is_not_answered(
    cloud, company, world, target
):
    deploy = target()
    configuration = {"FunctionName": "ask", "UserParameters": json.dumps(deploy)}
    data = {"actionConfiguration": {"configuration": configuration}}
    job = {"id": "11111111-abcd-1111-abcd-111111abcdef", "accountId": SECOND, "data": data}

    company.stack.session.client("lambda").invoke(
        FunctionName=company.stack.resource("CodePipelineJobFunction"),
        InvocationType="Event",
        Payload=json.dumps({"CodePipeline.job": job}),
    )
    world.run()

    # The function only asked CodePipeline whether the job is genuine.
    assert runs_of(company) == []
    assert executions(company, "deploy", SECOND) == []
    asked = {each.action for each in cloud.access.decisions}
    jobs = {action for action in asked if action.startswith("codepipeline:") and "Job" in action}
    assert jobs == {"codepipeline:GetJobDetails"}


def allow(iam, role, action, resource, effect="Allow"):
    iam.put_role_policy(
        RoleName=role,
        PolicyName=f"{effect}{action.replace(':', '')}",
        PolicyDocument=json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [{"Effect": effect, "Action": action, "Resource": resource}],
            }
        ),
    )
