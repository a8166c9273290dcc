from __future__ import annotations

import json

import pytest

from codepipeline_sandbox.cloudwatch import datapoints, evaluate
from codepipeline_sandbox.faults import InvocationFault
from playground.company import REGION, SECOND, TOOLS, Company
from tests.statemachine.permissions import take_from_codepipeline_job

# Each of these metrics can trigger its alarm on its own.
CALCULATING = {
    "FunctionsThrottledAlarm": {"get_state", "codepipeline_job"},
    "CloseJobAlarm": {"errors", "dropped", "undelivered"},
    "WakeErrorsAlarm": {"errors", "dropped", "local", "sent"},
}


@pytest.fixture
def company(cloud):
    return Company(cloud, targets=(), LocalPipelineNames="*", EventSenders=SECOND)


@pytest.fixture
def state(company):
    def of(name, **more):
        found = company.stack.session.client("cloudwatch").describe_alarms()["MetricAlarms"]
        (full,) = [one["AlarmName"] for one in found if f"-{name}-" in one["AlarmName"]]
        return evaluate(TOOLS, REGION, full, **more)

    return of


@pytest.fixture
def throttled(cloud, company):
    def throttle(function, times):
        aws_lambda = company.stack.session.client("lambda")
        cloud.faults.add(InvocationFault("throttled", f"*{function}*"))
        for _ in range(times):
            with pytest.raises(aws_lambda.exceptions.TooManyRequestsException):
                aws_lambda.invoke(FunctionName=company.stack.resource(f"{function}Function"))
            cloud.world.run(until=cloud.world.now + 300)

    return throttle


def test_each_alarm_with_metric_math_is_tested_with_each_of_its_metrics(company):
    alarms = company.stack.session.client("cloudwatch").describe_alarms()["MetricAlarms"]
    found = {
        alarm["AlarmName"].split("-")[1]: {
            each["Id"] for each in alarm["Metrics"] if "MetricStat" in each
        }
        for alarm in alarms
        if alarm.get("Metrics")
    }
    assert found == CALCULATING


@pytest.mark.parametrize("function", ["GetState", "CodePipelineJob"])
def test_functions_that_are_throttled_for_15_minutes_trigger_the_alarm(
    cloud, state, throttled, function
):
    throttled(function, 2)
    assert state("FunctionsThrottledAlarm") == "OK"
    throttled(function, 1)
    assert state("FunctionsThrottledAlarm") == "ALARM"
    cloud.world.run(until=cloud.world.now + 900)
    assert state("FunctionsThrottledAlarm") == "OK"


def test_throttles_of_the_two_functions_are_added_up(state, throttled):
    throttled("GetState", 2)
    throttled("CodePipelineJob", 1)
    assert state("FunctionsThrottledAlarm") == "ALARM"


def test_throttled_functions_that_are_rarely_invoked_trigger_no_alarm(state, throttled):
    throttled("StopExecution", 5)
    assert state("FunctionsThrottledAlarm") == "OK"


def test_an_error_in_close_job_triggers_the_alarm(cloud, company, state):
    # Lambda does not retry this call, because it is synchronous.
    function = company.stack.resource("CloseJobFunction")
    response = company.stack.session.client("lambda").invoke(FunctionName=function, Payload=b"{}")
    assert response["FunctionError"]

    assert state("CloseJobAlarm") == "ALARM"
    assert state("CloseJobAlarm", at=cloud.world.now + 900) == "OK"


def test_an_event_that_never_reached_close_job_triggers_the_alarm(cloud, company, state):
    # The function never runs, so Lambda drops the event after several hours.
    cloud.faults.add(InvocationFault("throttled", "*CloseJob*"))
    began = cloud.world.now
    function = company.stack.resource("CloseJobFunction")
    company.stack.session.client("lambda").invoke(
        FunctionName=function, InvocationType="Event", Payload=b"{}"
    )

    cloud.world.run(until=began + 3_600)
    assert state("CloseJobAlarm") == "OK"
    cloud.world.run()
    assert cloud.world.now - began > 5 * 3_600
    assert state("CloseJobAlarm") == "ALARM"


def test_a_job_that_codepipeline_job_could_not_pass_on_triggers_the_alarm(cloud, company, state):
    take_from_codepipeline_job(company, "states:StartExecution")
    take_from_codepipeline_job(company, "lambda:InvokeFunction")
    asked = company.waiting_action("Wait", {"pipelineName": "release-2"})
    company.add_pipeline("release", {"Go": [asked]})
    company.start("release")

    cloud.world.run(until=cloud.world.now + 400)

    assert state("CloseJobAlarm") == "ALARM"
    assert state("JobsDroppedAlarm", at=dropped(cloud)) == "ALARM"


def test_an_error_in_another_function_and_an_answered_job_do_not_trigger_the_alarm(
    cloud, company, state
):
    aws_lambda = company.stack.session.client("lambda")
    aws_lambda.invoke(FunctionName=company.stack.resource("AssumeRoleFunction"), Payload=b"{}")
    take_from_codepipeline_job(company, "states:StartExecution")
    asked = company.waiting_action("Wait", {"pipelineName": "release-2"})
    company.add_pipeline("release", {"Go": [asked]})
    company.start("release")
    cloud.world.run(until=cloud.world.now + 400)

    assert company.action("release", "Wait")["status"] == "Failed"
    assert state("JobsDroppedAlarm", at=dropped(cloud)) == "ALARM"
    assert state("CloseJobAlarm") == "OK"


def dropped(cloud):
    """Return the time at which Lambda dropped an event, and check that it dropped only one."""
    points = datapoints(cloud, TOOLS, REGION)
    (when,) = [each.time for each in points if each.name == "AsyncEventsDropped"]
    return when


EVENT = {
    "source": "aws.codepipeline",
    "detail-type": "CodePipeline Pipeline Execution State Change",
    "detail": {"pipeline": "web", "execution-id": "e", "version": 1, "state": "SUCCEEDED"},
}


@pytest.fixture
def happen(cloud, company):
    def send(account=TOOLS, *, seconds):
        if account == TOOLS:
            cloud.events.put(TOOLS, REGION, EVENT)
        else:
            bus = company.stack.outputs["EventBusArn"]
            cloud.events.take(bus, cloud.events.complete(account, REGION, EVENT))
        cloud.world.run(until=cloud.world.now + seconds)

    return send


def test_an_event_triggers_no_alarm_whether_or_not_it_wakes_a_run(state, happen):
    happen(seconds=10)
    happen(SECOND, seconds=10)
    assert state("WakeErrorsAlarm") == "OK"


def test_an_error_in_wake_triggers_the_alarm(cloud, state, happen):
    cloud.faults.add(InvocationFault("killed", "*WakeFunction*", seconds=0.001, times=1))
    happen(seconds=10)
    assert state("WakeErrorsAlarm") == "ALARM"
    assert state("WakeErrorsAlarm", at=cloud.world.now + 900) == "OK"


def test_an_event_that_never_reached_wake_triggers_the_alarm(cloud, state, happen):
    cloud.faults.add(InvocationFault("throttled", "*WakeFunction*"))
    happen(seconds=200)
    assert state("WakeErrorsAlarm") == "OK"
    cloud.world.run(until=cloud.world.now + 600)
    assert state("WakeErrorsAlarm", at=dropped(cloud)) == "ALARM"


@pytest.mark.parametrize("account", [TOOLS, SECOND])
def test_a_rule_that_may_not_invoke_wake_triggers_the_alarm(cloud, company, state, happen, account):
    aws_lambda = company.stack.session.client("lambda")
    wake = company.stack.resource("WakeFunction")
    for statement in json.loads(aws_lambda.get_policy(FunctionName=wake)["Policy"])["Statement"]:
        aws_lambda.remove_permission(FunctionName=wake, StatementId=statement["Sid"])

    happen(account, seconds=10)

    assert state("WakeErrorsAlarm") == "ALARM"
