from __future__ import annotations

import json
import re
from types import SimpleNamespace
from typing import Any

import pytest

from codepipeline_orchestrator.model.outcome import Outcome
from codepipeline_sandbox.cloud import Cloud
from codepipeline_sandbox.cloudwatch import datapoints, evaluate
from codepipeline_sandbox.cloudwatch.evaluation import NotEvaluated
from codepipeline_sandbox.codepipeline import Act
from codepipeline_sandbox.faults import CallFault, DeliveryFault, InvocationFault
from playground.company import REGION, ROOT, SECOND, TOOLS, Action, Company
from tests.statemachine.operating import start_run
from tests.statemachine.reading import runs_of
from tests.template.watching import OURS, fields_of, in_alarm, messages_of, metric, on_dashboard

pytestmark = pytest.mark.xdist_group("monitoring")

JOB = "aaaaaaaa-1111-2222-3333-444444444444"
TOPIC = f"arn:aws:sns:{REGION}:{TOOLS}:operators"
# AWS's own metrics and their dimensions, according to the documentation of Lambda, Step Functions,
# EventBridge and EventBridge Scheduler.
OF_AWS = {
    ("AWS/Lambda", "Throttles", "FunctionName"),
    ("AWS/Lambda", "Errors", "FunctionName"),
    ("AWS/Lambda", "AsyncEventsDropped", "FunctionName"),
    ("AWS/Lambda", "DestinationDeliveryFailures", "FunctionName"),
    ("AWS/States", "ExecutionTime", "StateMachineArn"),
    ("AWS/States", "ExecutionThrottled", "StateMachineArn"),
    # Rules on the default bus have only this dimension.
    ("AWS/Events", "FailedInvocations", "RuleName"),
    ("AWS/Events", "FailedInvocations", "EventBusName", "RuleName"),
    ("AWS/Scheduler", "InvocationAttemptCount", "ScheduleGroup"),
    ("AWS/Scheduler", "TargetErrorCount", "ScheduleGroup"),
    ("AWS/Scheduler", "InvocationDroppedCount", "ScheduleGroup"),
}


@pytest.fixture(scope="module")
def deployment():
    return {
        "targets": (SECOND,),
        "LocalPipelineNames": "*",
        "EventSenders": SECOND,
        "AlarmTopicArn": TOPIC,
        "SchedulePipelineName": "quick",
        "ScheduleExpression": "at(2030-01-01T00:00:00)",
    }


@pytest.fixture(scope="module")
def day(shared_cloud, shared_company):
    _happen(shared_cloud, shared_company)
    return _seen(shared_cloud, shared_company)


def _happen(cloud: Cloud, company: Company) -> None:
    world, stepfunctions = cloud.world, company.stepfunctions()
    company.add_pipeline("quick", {"Go": [Action("Do", (Act(30),))]})
    company.add_pipeline("bad", {"Go": [Action("Do", (Act(30, "Failed"),))]})
    company.add_pipeline("long", {"Go": [Action("Do", (Act(1_500),))]})

    def run(**document: Any) -> str:
        return str(start_run(company, document))

    # The run renews its job while it waits, and is then woken by an event.
    asked = company.waiting_action("Wait", {"pipelineName": "long"})
    company.add_pipeline("release", {"Go": [asked]})
    company.start("release")
    world.run()
    # Earlier events about this target arrive, but the event about its end is lost.
    run(pipelineName="long")
    world.run(until=world.now + 900)
    lost = DeliveryFault("dropped", of="event", source="aws.codepipeline")
    cloud.faults.add(lost)
    world.run()
    cloud.faults.remove(lost)
    # These runs end because of the target, the input or an operator.
    run(pipelineName="quick")
    run(pipelineName="bad")
    run(pipelinName="quick")
    aborted = run(pipelineName="long")
    world.run(until=world.now + 60)
    stepfunctions.stop_execution(executionArn=aborted)
    world.run()
    # One function cannot run, and another one fails with an unexpected error.
    cloud.faults.add(InvocationFault("killed", "*AssumeRole*", seconds=0.001, times=8))
    run(pipelineName="quick")
    world.run(until=world.now + 200)
    aws_lambda = cloud.session(TOOLS, REGION).client("lambda")
    assume_role = company.stack.resource("AssumeRoleFunction")
    aws_lambda.invoke(FunctionName=assume_role, InvocationType="Event", Payload=b"{}")
    # This job does not exist in CodePipeline.
    throttled = CallFault("throttled", "codepipeline:GetJobDetails", times=1)
    cloud.faults.add(throttled)
    configuration = {"FunctionName": "ask", "UserParameters": "{}"}
    data = {"actionConfiguration": {"configuration": configuration}}
    aws_lambda.invoke(
        FunctionName=company.stack.resource("CodePipelineJobFunction"),
        InvocationType="Event",
        Payload=json.dumps({"CodePipeline.job": {"id": JOB, "accountId": TOOLS, "data": data}}),
    )
    world.run(until=world.now + 200)
    # This run is stopped while EventBridge is not allowed to invoke close_job.
    close_job = company.stack.resource("CloseJobFunction")
    policy = json.loads(aws_lambda.get_policy(FunctionName=close_job)["Policy"])
    for statement in policy["Statement"]:
        aws_lambda.remove_permission(FunctionName=close_job, StatementId=statement["Sid"])
    unnoticed = run(pipelineName="long")
    world.run(until=world.now + 30)
    stepfunctions.stop_execution(executionArn=unnoticed)
    world.run(until=world.now + 30)


def _seen(cloud: Cloud, company: Company) -> SimpleNamespace:
    client = company.stack.session.client
    cloudwatch = client("cloudwatch")
    (dashboard,) = cloudwatch.list_dashboards()["DashboardEntries"]
    body = cloudwatch.get_dashboard(DashboardName=dashboard["DashboardName"])["DashboardBody"]
    alarms = {
        each["AlarmName"].split("-")[1]: each
        for each in cloudwatch.describe_alarms()["MetricAlarms"]
    }
    return SimpleNamespace(
        cloud=cloud,
        runs=runs_of(company),
        points=datapoints(cloud, TOOLS, REGION),
        lines=[line for line in cloud.functions.log_lines if line.text.startswith("{")],
        body=body,
        alarms=alarms,
        queries=client("logs").describe_query_definitions()["queryDefinitions"],
    )


def _written(day):
    return {metric(each.namespace, each.name, each.dimensions) for each in day.points}


def _watched(day):
    in_alarms = [each for alarm in day.alarms.values() for each in in_alarm(alarm)]
    return {*on_dashboard(day.body), *in_alarms}


def test_each_of_our_own_watched_metrics_is_written(day):
    # Not every outcome occurs on this day.
    watched = {each for each in _watched(day) if each[0] == OURS and each[1] != "RunsEnded"}
    assert watched
    assert watched <= _written(day)


def test_every_written_metric_is_on_the_dashboard(day):
    written = {each for each in _written(day) if each[0] == OURS}
    assert {dict(each[2])["service"] for each in written} == {"orchestrator"}
    assert written <= set(on_dashboard(day.body))


def test_the_dashboard_shows_every_outcome(day):
    shown = [dict(each[2])["Outcome"] for each in on_dashboard(day.body) if each[1] == "RunsEnded"]
    assert sorted(shown) == sorted([*Outcome, "Aborted"])
    ended = {dict(each[2])["Outcome"] for each in _written(day) if each[1] == "RunsEnded"}
    assert ended == {"Succeeded", "Failed", "Error", "Aborted"}


def test_every_run_is_counted_once_at_its_start_and_once_at_its_end(day):
    counted = [each.name for each in day.points]
    assert counted.count("RunsStarted") == len(day.runs)
    # close_job was not invoked for the last run.
    assert counted.count("RunsEnded") == len(day.runs) - 1


def test_every_watched_aws_metric_has_the_name_and_dimensions_that_aws_documents(day):
    watched = {each for each in _watched(day) if each[0] != OURS}
    assert {
        (namespace, name, *(of for of, _ in dimensions)) for namespace, name, dimensions in watched
    } == OF_AWS
    values = [value for _, _, dimensions in watched for _, value in dimensions]
    assert all(value and "$" not in value and value != "none" for value in values)


def test_every_query_reads_the_log_group_of_the_functions(day):
    in_widgets = re.findall(r"SOURCE '([^']+)'", day.body)
    in_queries = [group for each in day.queries for group in each["logGroupNames"]]
    assert len(in_queries) == len(day.queries) > 0
    assert {*in_widgets, *in_queries} == {"/aws/lambda/orchestrator/functions"}
    assert all(line.delivered for line in day.lines)


def test_every_field_that_a_query_reads_is_in_the_lines_it_selects(day):
    in_widgets = re.findall(r"SOURCE '[^']+' \| ([^\"]+)\"", day.body)
    assert in_widgets
    lines = [json.loads(line.text) for line in day.lines]
    for text in in_widgets + [each["queryString"] for each in day.queries]:
        (selects,) = re.findall(r"filter ([^|]+)", text)
        messages = set(messages_of(text))
        selected = [
            line
            for line in lines
            if fields_of(selects) <= line.keys()
            and (not messages or line.get("message") in messages)
        ]
        assert selected, text
        assert fields_of(text) <= {name for line in selected for name in line}, text


def _function_of(line):
    function = line.function_arn.rpartition(":orchestrator-")[2].rpartition("Function-")[0]
    name = function.replace("CodePipeline", "Codepipeline")
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def test_the_page_lists_each_metric_with_its_unit_dimensions_and_writers(day):
    page = (ROOT / "docs" / "operations.md").read_text("utf-8")
    table = page.partition("<!-- the metrics;")[2].partition("<!-- up to here -->")[0]
    points = [each for each in day.points if each.namespace == OURS]
    documented = {}
    for row in table.splitlines()[4:]:
        if row:
            name, unit, more, by, _ = (re.sub("`", "", c).strip() for c in row[1:-1].split("|"))
            documented[name] = (unit, {"service", *([more] if more else [])}, set(by.split(", ")))
    assert {(each.name, each.unit) for each in points} == {
        (name, unit) for name, (unit, _, _) in documented.items()
    }
    writers = {(name, _function_of(line)) for name, line in _counting_lines(day)}
    for name, writer in writers:
        assert documented[name][2] & {writer, "any", "any function that calls AWS"}
    for each in points:
        assert documented[each.name][1] == each.dimensions.keys()
    named = {(name, by) for name, (_, _, writers) in documented.items() for by in writers}
    assert {each for each in named if "any" not in each[1]} - writers == {
        ("RunErrors", "close_job"),  # close_job counts a run that could not report its outcome
        # close_job counts an event that codepipeline_job could not handle
        ("JobsRefused", "close_job"),
    }


def _counting_lines(day):
    for line in day.lines:
        for directive in json.loads(line.text).get("_aws", {}).get("CloudWatchMetrics", []):
            yield directive["Metrics"][0]["Name"], line


def test_each_alarm_has_a_section_on_the_page_and_links_to_it(day):
    page = (ROOT / "docs" / "alarms.md").read_text("utf-8")
    assert re.findall(r"^## (\w+)", page, re.MULTILINE) == list(day.alarms)
    assert re.findall(r"^\| \[(\w+)\]", page, re.MULTILINE) == list(day.alarms)
    for name, alarm in day.alarms.items():
        assert alarm["AlarmDescription"].endswith(f" Runbook: docs/alarms.md#{name.lower()}")


def test_the_page_states_when_each_alarm_goes_off(day):
    page = (ROOT / "docs" / "alarms.md").read_text("utf-8")
    for name, alarm in day.alarms.items():
        stats = [each["MetricStat"] for each in alarm["Metrics"] if "MetricStat" in each]
        minutes = int((stats or [alarm])[0]["Period"]) // 60
        times = alarm["EvaluationPeriods"]
        threshold = int(alarm["Threshold"])
        wanted = alarm.get("DatapointsToAlarm", times)
        which = "each of 3" if times == 3 else "3 of 5"
        several = f"{which} consecutive periods of {minutes} minutes"
        period = several if wanted == 3 else f"{minutes} minutes"
        assert (wanted, times) in {(1, 1), (1, 3), (3, 3), (3, 5)}
        assert f"#{name.lower()}) | {threshold} or more in {period} |" in page


def test_each_alarm_notifies_the_topic_when_it_begins_and_when_it_ends(day):
    for alarm in day.alarms.values():
        assert alarm["AlarmActions"] == alarm["OKActions"] == [TOPIC]
        assert alarm["TreatMissingData"] == "notBreaching"


def test_only_a_run_that_fails_because_of_the_orchestrator_triggers_the_alarm(day):
    names = {name: each["AlarmName"] for name, each in day.alarms.items()}
    (error,) = [each for each in day.points if each.name == "RunErrors"]
    assert evaluate(TOOLS, REGION, names["RunErrorsAlarm"], at=error.time) == "ALARM"
    defect = next(each for each in day.points if each.name == "FunctionErrors")
    assert evaluate(TOOLS, REGION, names["FunctionErrorsAlarm"], at=defect.time) == "OK"
    assert evaluate(TOOLS, REGION, names["ScheduleDroppedAlarm"]) == "OK"
    cloudwatch = day.cloud.session(TOOLS, REGION).client("cloudwatch")
    off = cloudwatch.describe_alarms(StateValue="ALARM")["MetricAlarms"]
    assert names["RunErrorsAlarm"] in [each["AlarmName"] for each in off]


def test_a_rule_that_cannot_reach_close_job_triggers_the_alarm(day):
    name = day.alarms["RuleFailedAlarm"]["AlarmName"]
    (failed,) = [each for each in day.points if each.name == "FailedInvocations"]
    assert evaluate(TOOLS, REGION, name, at=failed.time) == "ALARM"
    assert evaluate(TOOLS, REGION, name, at=failed.time + 300) == "OK"


def test_the_sandbox_reports_which_metrics_it_does_not_record(day):
    name = day.alarms["RunsThrottledAlarm"]["AlarmName"]
    with pytest.raises(NotEvaluated, match=r"does not record .*ExecutionThrottled"):
        evaluate(TOOLS, REGION, name)
