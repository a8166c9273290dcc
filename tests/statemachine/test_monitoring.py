"""What the deployment watches is what the functions write, metric by metric and field by field."""

from __future__ import annotations

import json
import re
from types import SimpleNamespace
from typing import Any

import pytest

from codepipeline_orchestrator.model.outcome import Outcome
from sandbox.cloud import Cloud
from sandbox.codepipeline import Act
from sandbox.company import REGION, ROOT, SECOND, TOOLS, Action, Company
from sandbox.faults import CallFault, DeliveryFault, InvocationFault
from sandbox.monitoring import datapoints, evaluate
from sandbox.monitoring.evaluation import NotEvaluated
from tests.statemachine.operating import start_run
from tests.statemachine.reading import runs_of
from tests.template.watching import OURS, fields_of, in_alarm, messages_of, metric, on_dashboard

pytestmark = pytest.mark.xdist_group("monitoring")

JOB = "aaaaaaaa-1111-2222-3333-444444444444"
TOPIC = f"arn:aws:sns:{REGION}:{TOOLS}:operators"
# AWS's own metrics with their dimensions, by the pages on monitoring of Lambda, Step Functions,
# EventBridge and EventBridge Scheduler.
OF_AWS = {
    ("AWS/Lambda", "Throttles", "FunctionName"),
    ("AWS/Lambda", "Errors", "FunctionName"),
    ("AWS/Lambda", "AsyncEventsDropped", "FunctionName"),
    ("AWS/Lambda", "DestinationDeliveryFailures", "FunctionName"),
    ("AWS/States", "ExecutionTime", "StateMachineArn"),
    ("AWS/States", "ExecutionThrottled", "StateMachineArn"),
    ("AWS/Events", "FailedInvocations", "RuleName"),  # on the default bus
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
    """A day on which much happens, and what was written and watched."""
    _happen(shared_cloud, shared_company)
    return _seen(shared_cloud, shared_company)


def _happen(cloud: Cloud, company: Company) -> None:
    world, stepfunctions = cloud.world, company.stepfunctions()
    company.add_pipeline("quick", {"Go": [Action("Do", (Act(30),))]})
    company.add_pipeline("bad", {"Go": [Action("Do", (Act(30, "Failed"),))]})
    company.add_pipeline("long", {"Go": [Action("Do", (Act(1_500),))]})

    def run(**document: Any) -> str:
        return str(start_run(company, document))

    # a job that is renewed while the run waits, until an event wakes it
    asked = company.waiting_action("Wait", {"pipelineName": "long"})
    company.add_pipeline("release", {"Go": [asked]})
    company.start("release")
    world.run()
    # an end whose event is lost, after others of that execution have arrived
    run(pipelineName="long")
    world.run(until=world.now + 900)
    lost = DeliveryFault("dropped", of="event", source="aws.codepipeline")
    cloud.faults.add(lost)
    world.run()
    cloud.faults.remove(lost)
    # ends of all kinds: the target's, the input's, a person's
    run(pipelineName="quick")
    run(pipelineName="bad")
    run(pipelinName="quick")
    aborted = run(pipelineName="long")
    world.run(until=world.now + 60)
    stepfunctions.stop_execution(executionArn=aborted)
    world.run()
    # a function that cannot run, and one that meets what it did not foresee
    cloud.faults.add(InvocationFault("killed", "*AssumeRole*", seconds=0.001, times=8))
    run(pipelineName="quick")
    world.run(until=world.now + 200)
    aws_lambda = cloud.session(TOOLS, REGION).client("lambda")
    assume_role = company.stack.resource("AssumeRoleFunction")
    aws_lambda.invoke(FunctionName=assume_role, InvocationType="Event", Payload=b"{}")
    # a job that CodePipeline does not know
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
    # and a run that is stopped while nobody may tell close_job
    close_job = company.stack.resource("CloseJobFunction")
    policy = json.loads(aws_lambda.get_policy(FunctionName=close_job)["Policy"])
    for statement in policy["Statement"]:
        aws_lambda.remove_permission(FunctionName=close_job, StatementId=statement["Sid"])
    unheard = run(pipelineName="long")
    world.run(until=world.now + 30)
    stepfunctions.stop_execution(executionArn=unheard)
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


def test_every_metric_of_ours_that_is_watched_is_written(day):
    # given the outcomes, not all of which there were on this day
    watched = {each for each in _watched(day) if each[0] == OURS and each[1] != "RunsEnded"}
    assert watched
    assert watched <= _written(day)


def test_every_metric_that_is_written_is_on_the_dashboard(day):
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
    # close_job was not told of the last one's end
    assert counted.count("RunsEnded") == len(day.runs) - 1


def test_every_metric_of_awss_has_the_name_and_dimensions_that_aws_gives_it(day):
    watched = {each for each in _watched(day) if each[0] != OURS}
    assert {
        (namespace, name, *(of for of, _ in dimensions)) for namespace, name, dimensions in watched
    } == OF_AWS
    values = [value for _, _, dimensions in watched for _, value in dimensions]
    assert all(value and "$" not in value and value != "none" for value in values)


def test_every_field_that_a_query_reads_is_logged_where_it_looks(day):
    in_widgets = re.findall(r"SOURCE '([^']+)' \| ([^\"]+)\"", day.body)
    queries = [({group}, text) for group, text in in_widgets] + [
        (set(each["logGroupNames"]), each["queryString"]) for each in day.queries
    ]
    assert in_widgets
    assert day.queries
    for groups, text in queries:
        lines = [json.loads(line.text) for line in day.lines if _group(line) in groups]
        fields = {name for line in lines for name in line}
        assert fields_of(text) <= fields, text
        assert set(messages_of(text)) <= {line.get("message") for line in lines}


def _group(line):
    function = line.function_arn.rpartition(":orchestrator-")[2].rpartition("Function-")[0]
    name = function.replace("CodePipeline", "Codepipeline")
    return "/aws/lambda/orchestrator/" + re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def test_the_page_names_each_metric_with_its_unit_dimensions_and_writers(day):
    page = (ROOT / "docs" / "operations.md").read_text("utf-8")
    table = page.partition("<!-- the metrics;")[2].partition("<!-- up to here -->")[0]
    points = [each for each in day.points if each.namespace == OURS]
    told = {}
    for row in table.splitlines()[4:]:
        if row:
            name, unit, more, by, _ = (re.sub("`", "", c).strip() for c in row[1:-1].split("|"))
            told[name] = (unit, {"service", *([more] if more else [])}, set(by.split(", ")))
    assert {(each.name, each.unit) for each in points} == {
        (name, unit) for name, (unit, _, _) in told.items()
    }
    writers = {(name, _group(line).rpartition("/")[2]) for name, line in _counting_lines(day)}
    for name, writer in writers:
        assert told[name][2] & {writer, "any", "any that calls AWS"}
    for each in points:
        assert told[each.name][1] == each.dimensions.keys()
    named = {(name, by) for name, (_, _, writers) in told.items() for by in writers}
    assert {each for each in named if "any" not in each[1]} - writers == {
        ("RunErrors", "close_job"),  # of a run that could not report
        ("JobsRefused", "close_job"),  # of an event that codepipeline_job could not handle
    }


def _counting_lines(day):
    for line in day.lines:
        for directive in json.loads(line.text).get("_aws", {}).get("CloudWatchMetrics", []):
            yield directive["Metrics"][0]["Name"], line


def test_each_alarm_has_its_part_of_the_page_and_leads_to_it(day):
    page = (ROOT / "docs" / "alarms.md").read_text("utf-8")
    assert re.findall(r"^## (\w+)", page, re.MULTILINE) == list(day.alarms)
    assert re.findall(r"^\| \[(\w+)\]", page, re.MULTILINE) == list(day.alarms)
    for name, alarm in day.alarms.items():
        assert f"docs/alarms.md#{name.lower()} " in alarm["AlarmDescription"]


def test_the_page_says_when_each_alarm_goes_off(day):
    page = (ROOT / "docs" / "alarms.md").read_text("utf-8")
    for name, alarm in day.alarms.items():
        stats = [each["MetricStat"] for each in alarm["Metrics"] if "MetricStat" in each]
        minutes = int((stats or [alarm])[0]["Period"]) // 60
        times = alarm["EvaluationPeriods"]
        threshold = int(alarm["Threshold"])
        wanted = alarm.get("DatapointsToAlarm", times)
        which = "each of three" if times == 3 else "three of five"
        several = f"{threshold} in {which} times {minutes} minutes"
        once = "the first, in 5 minutes" if threshold == 1 else f"{threshold} in {minutes} minutes"
        assert (wanted, times) in {(1, 1), (1, 3), (3, 3), (3, 5)}
        assert f"#{name.lower()}) | at {several if wanted == 3 else once} |" in page


def test_each_alarm_tells_the_topic_when_it_begins_and_when_it_is_over(day):
    for alarm in day.alarms.values():
        assert alarm["AlarmActions"] == alarm["OKActions"] == [TOPIC]
        assert alarm["TreatMissingData"] == "notBreaching"


def test_a_run_that_fails_for_a_reason_of_our_own_sets_the_alarm_off_and_others_do_not(day):
    names = {name: each["AlarmName"] for name, each in day.alarms.items()}
    (error,) = [each for each in day.points if each.name == "RunErrors"]
    assert evaluate(TOOLS, REGION, names["RunErrorsAlarm"], at=error.time) == "ALARM"
    defect = next(each for each in day.points if each.name == "FunctionErrors")
    assert evaluate(TOOLS, REGION, names["FunctionErrorsAlarm"], at=defect.time) == "OK"
    assert evaluate(TOOLS, REGION, names["ScheduleDroppedAlarm"]) == "OK"
    cloudwatch = day.cloud.session(TOOLS, REGION).client("cloudwatch")
    off = cloudwatch.describe_alarms(StateValue="ALARM")["MetricAlarms"]
    assert names["RunErrorsAlarm"] in [each["AlarmName"] for each in off]


def test_a_rule_that_does_not_reach_close_job_sets_the_alarm_off(day):
    name = day.alarms["RuleFailedAlarm"]["AlarmName"]
    (failed,) = [each for each in day.points if each.name == "FailedInvocations"]
    assert evaluate(TOOLS, REGION, name, at=failed.time) == "ALARM"
    assert evaluate(TOOLS, REGION, name, at=failed.time + 300) == "OK"


def test_what_the_sandbox_does_not_count_it_says(day):
    name = day.alarms["RunsThrottledAlarm"]["AlarmName"]
    with pytest.raises(NotEvaluated, match=r"does not count .*ExecutionThrottled"):
        evaluate(TOOLS, REGION, name)
