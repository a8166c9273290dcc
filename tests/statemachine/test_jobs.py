from __future__ import annotations

import json
import re

import pytest

from codepipeline_sandbox.codepipeline import Act
from playground.company import SECOND, THIRD, TOOLS, Action
from tests.statemachine.operating import throttle
from tests.statemachine.reading import executions, jobs, result, runs_of

WAITER = """\
{
"targetname":"deploy", #Required
"assumerolearn":"arn:aws:iam::222233334444:role/codepipeline-orchestrator-target", #Required
"trigger": TRIGGER #Optional. Defaults to false
}
"""


def result_of(action):
    return action["output"]["executionResult"]


def test_a_waiting_action_names_its_target_and_links_to_it_and_to_the_run(company, target, world):
    company.add_pipeline("release", {"Go": [company.waiting_action("Wait", target(Act(3_600)))]})
    company.start("release")

    world.run(until=world.now + 600)

    action = company.action("release", "Wait")
    (execution,) = executions(company)
    (run,) = runs_of(company)
    assert action["status"] == "InProgress"
    summary = result_of(action)["externalExecutionSummary"]
    assert "deploy (account 222233334444, eu-west-1)" in summary
    assert f"pipelines/deploy/executions/{execution['pipelineExecutionId']}/" in summary
    assert run["executionArn"] in summary


def test_the_run_is_named_after_its_first_job_and_takes_only_the_parameters_from_it(
    company, target, release, payloads
):
    release(target())
    (run,) = runs_of(company)
    described = company.stepfunctions().describe_execution(executionArn=run["executionArn"])
    document = json.loads(described["input"])
    assert document["job"]["id"] == run["name"]
    assert document["job"].keys() == {"id", "secret"}
    assert re.fullmatch("[0-9a-f]{64}", document["job"]["secret"])  # The secret is a SHA-256 hash.
    # The input contains no data from the job except the user parameters.
    job, *_ = jobs(payloads)
    texts = [text for text in strings_in(job["data"]) if len(text) > 8]
    assert job["data"]["artifactCredentials"]["secretAccessKey"] in texts
    asked = job["data"]["actionConfiguration"]["configuration"]["UserParameters"]
    assert [text for text in texts if text in described["input"]] == [asked]


def strings_in(value):
    if isinstance(value, str):
        return [value]
    inside = value.values() if isinstance(value, dict) else value
    return [text for each in inside for text in strings_in(each)]


def test_the_message_of_a_failed_action_names_the_stage_the_action_and_the_reason(target, release):
    action = release(
        target(
            Act(
                60,
                "Failed",
                error_code="JobFailed",
                error_message="Task failed ELB health checks",
                external_url="https://example.com/deployment/1",
            )
        )
    )
    assert action["status"] == "Failed"
    error = result_of(action)["errorDetails"]
    assert error["code"] == "JobFailed"
    assert (
        "failed in stage Deploy, action Rollout: JobFailed: Task failed ELB health checks. "
        "See https://example.com/deployment/1." in error["message"]
    )


@pytest.mark.interleaving(32)
def test_retrying_the_waiting_stage_starts_over_and_does_not_report_the_old_failure_again(
    company, target, release, world
):
    assert release(target(Act(60, "Failed"), Act(60)))["status"] == "Failed"

    codepipeline = company.codepipeline()
    (execution,) = executions(company, "release", TOOLS)
    codepipeline.retry_stage_execution(
        pipelineName="release",
        stageName="Go",
        pipelineExecutionId=execution["pipelineExecutionId"],
        retryMode="FAILED_ACTIONS",
    )
    world.run()

    assert company.action("release", "Wait")["status"] == "Succeeded"
    assert [one["status"] for one in executions(company)] == ["Succeeded", "Failed"]
    assert len(runs_of(company)) == 2


@pytest.mark.parametrize("ending, status", [("Succeeded", "Succeeded"), ("Failed", "Failed")])
def test_the_waiter_input_without_trigger_follows_the_running_execution(
    company, target, world, ending, status
):
    target(Act(600, ending))
    running = company.start("deploy", account=SECOND)
    world.run(until=world.now + 60)

    user_parameters = WAITER.replace("TRIGGER", "false")
    company.add_pipeline("release", {"Go": [company.waiting_action("Wait", user_parameters)]})
    company.start("release")
    world.run()

    (execution,) = executions(company)
    assert execution["pipelineExecutionId"] == running
    assert company.action("release", "Wait")["status"] == status


def test_the_waiter_input_with_trigger_starts_the_target(company, target, release):
    target()
    action = release(WAITER.replace("TRIGGER", "true"))
    assert action["status"] == "Succeeded"
    assert len(executions(company)) == 1


def test_an_old_failure_does_not_fail_a_new_run(company, target, release, world):
    document = target(Act(10, "Failed"), Act(600))
    company.start("deploy", account=SECOND)
    world.run()

    action = release(document)

    # The old waiter would have reported the earlier failure.
    assert action["status"] == "Succeeded"


@pytest.mark.interleaving(2, 5)
def test_an_event_that_lambda_delivers_twice_starts_nothing_twice(cloud, company, target, world):
    company.add_pipeline("release", {"Go": [company.waiting_action("Wait", target())]})
    deliveries = []
    invoke_async = cloud.functions.invoke_async

    def twice(function_arn, payload):
        deliveries.append(payload)
        invoke_async(function_arn, payload)
        world.after(5, lambda: invoke_async(function_arn, payload))
        world.after(200, lambda: invoke_async(function_arn, payload))

    cloud.functions.invoke_async = twice

    company.start("release")
    world.run()

    assert len(deliveries) > 1
    assert len(runs_of(company)) == 1
    assert len(executions(company)) == 1
    assert company.action("release", "Wait")["status"] == "Succeeded"


@pytest.mark.interleaving(1)
def test_a_job_whose_event_lambda_drops_is_answered(cloud, company, target, release, world):
    deny(cloud, company, "states:StartExecution")

    began = world.now
    action = release(target())

    # Lambda tries three times before close_job fails the action.
    assert action["status"] == "Failed"
    error = result_of(action)["errorDetails"]
    assert error["code"] == "SystemUnavailable"
    assert "RetriesExhausted" in error["message"]
    assert world.now - began < 600
    assert runs_of(company) == []


def deny(cloud, company, action):
    iam = cloud.session(TOOLS, "eu-west-1").client("iam")
    function = company.stack.resource("CodePipelineJobFunction")
    role = cloud.session(TOOLS, "eu-west-1").client("lambda").get_function(FunctionName=function)
    iam.put_role_policy(
        RoleName=role["Configuration"]["Role"].rpartition("/")[2],
        PolicyName="Denied",
        PolicyDocument=json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [{"Effect": "Deny", "Action": action, "Resource": "*"}],
            }
        ),
    )


def test_the_action_still_succeeds_when_the_history_cannot_be_read(cloud, company, target, release):
    deny(cloud, company, "states:GetExecutionHistory")
    assert release(target(Act(300)))["status"] == "Succeeded"


@pytest.mark.interleaving(21)
def test_stopping_a_run_fails_its_action_at_the_next_poll(company, target, world):
    company.add_pipeline("release", {"Go": [company.waiting_action("Wait", target(Act(3_600)))]})
    company.start("release")
    world.run(until=world.now + 300)

    (run,) = runs_of(company)
    company.stepfunctions().stop_execution(executionArn=run["executionArn"], cause="maintenance")
    world.run(until=world.now + 60)

    # The target keeps running.
    action = company.action("release", "Wait")
    assert action["status"] == "Failed"
    assert (
        "was stopped in Step Functions (maintenance)"
        in result_of(action)["errorDetails"]["message"]
    )
    world.run()
    assert executions(company)[0]["status"] == "Succeeded"


def test_a_wait_of_23_hours_works(target, release):
    action = release(target(Act(23 * 3_600)))

    assert action["status"] == "Succeeded"
    lasted = (action["lastUpdateTime"] - action["startTime"]).total_seconds()
    assert 23 * 3_600 < lasted < 23 * 3_600 + 300


def test_a_run_that_gives_up_at_its_deadline_fails_its_action(company, target, release):
    action = release({**target(Act(30 * 3_600)), "timeoutMinutes": 20})

    # The action fails long before CodePipeline's own limit of 24 hours.
    assert action["status"] == "Failed"
    assert result_of(action)["errorDetails"]["code"] == "JobFailed"
    assert "still InProgress at the run's deadline" in result_of(action)["errorDetails"]["message"]
    (run,) = runs_of(company)
    assert run["status"] == "FAILED"


@pytest.mark.interleaving(24, 25)
def test_a_failure_that_the_run_could_not_report_still_reaches_the_action(company, target, world):
    # report_job_result can no longer run once the target has started.
    document = target(Act(60, "Failed", error_message="no capacity"))
    company.add_pipeline("release", {"Go": [company.waiting_action("Wait", document)]})
    company.start("release")
    world.run(until=world.now + 40)
    throttle(company, "ReportJobResultFunction")

    world.run()
    action = company.action("release", "Wait")

    # The run fails because it could not report its outcome, but the action shows why the target
    # failed.
    (run,) = runs_of(company)
    described = company.stepfunctions().describe_execution(executionArn=run["executionArn"])
    assert described["error"] == "ResultNotReported"
    assert result(described)["report"]["outcome"] == "Failed"
    assert result_of(action)["errorDetails"]["code"] == "JobFailed"
    assert "no capacity" in result_of(action)["errorDetails"]["message"]


@pytest.mark.interleaving(24, 25)
def test_a_success_that_the_run_could_not_report_still_reaches_the_action(company, target, world):
    company.add_pipeline("release", {"Go": [company.waiting_action("Wait", target())]})
    company.start("release")
    world.run(until=world.now + 40)
    throttle(company, "ReportJobResultFunction")
    world.run()
    action = company.action("release", "Wait")

    # The run must not succeed while its job is still open.
    (run,) = runs_of(company)
    assert run["status"] == "FAILED"
    assert action["status"] == "Succeeded"


@pytest.mark.parametrize("minutes", [1, 30])
def test_a_throttled_function_does_not_end_a_wait(company, target, world, minutes):
    document = target(Act(900))
    company.add_pipeline("release", {"Go": [company.waiting_action("Wait", document)]})
    company.start("release")
    world.run(until=world.now + 300)

    throttle(company, "GetStateFunction")
    world.run(until=world.now + minutes * 60)
    throttle(company, "GetStateFunction", concurrency=10)
    world.run()

    assert company.action("release", "Wait")["status"] == "Succeeded"


def test_a_function_that_can_no_longer_run_ends_the_wait_at_its_deadline(company, target, release):
    throttle(company, "GetStateFunction")
    action = release({**target(Act(60)), "timeoutMinutes": 30})
    assert action["status"] == "Failed"
    message = result_of(action)["errorDetails"]["message"]
    assert "could not be read at the run's deadline" in message


def test_two_waiting_actions_side_by_side_each_follow_their_own_target(company, target, world):
    good = target(Act(300), name="good")
    bad = target(Act(60, "Failed"), name="bad", account=THIRD)
    company.add_pipeline(
        "release",
        {"Go": [company.waiting_action("Good", good), company.waiting_action("Bad", bad)]},
    )
    company.start("release")
    world.run()

    assert company.action("release", "Good")["status"] == "Succeeded"
    assert company.action("release", "Bad")["status"] == "Failed"


def test_later_actions_of_the_invoking_pipeline_can_use_the_output_variables(
    company, target, world
):
    document = target()
    later = Action(
        "Use",
        provider="CodeBuild",
        configuration={
            "ProjectName": "use",
            "EnvironmentVariables": '[{"name":"ID","value":"#{WaitResult.pipelineExecutionId}"}]',
        },
    )
    company.add_pipeline(
        "release", {"Go": [company.waiting_action("Wait", document)], "Then": [later]}
    )
    company.start("release")
    world.run()

    (execution,) = executions(company)
    resolved = company.action("release", "Use")["input"]["resolvedConfiguration"]
    assert execution["pipelineExecutionId"] in resolved["EnvironmentVariables"]
