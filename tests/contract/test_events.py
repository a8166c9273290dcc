from __future__ import annotations

import json
from datetime import datetime

import pytest

from tests.contract import shared
from tests.contract.aws import refusal
from tests.contract.pipelines import Pipeline, stage, variable, work

pytestmark = pytest.mark.aws_verified


@pytest.mark.rule("V1", "V2", "V3", "V5", "V13", "V18")
def test_an_execution_sends_events(aws):
    pipeline = Pipeline(aws, stage("Go", work()), heard=True)
    execution = pipeline.start()
    pipeline.job().succeed()
    pipeline.ended(execution)
    seen = aws.now()
    pipeline.heard(execution, "SUCCEEDED")
    _, started = pipeline.heard(execution, "STARTED")
    _, ended = pipeline.heard(execution, "SUCCEEDED", "Action")
    pipeline.heard(execution, "SUCCEEDED", "Stage")
    aws.wait(15)

    detail = started["detail"]
    assert (started["source"], started["account"]) == ("aws.codepipeline", aws.account)
    assert detail["execution-trigger"]["trigger-type"] == "StartPipelineExecution"
    assert repr(detail["version"]) == repr(detail["pipeline-execution-attempt"]) == "1.0"
    assert ended["detail"]["type"]["category"] in {"Source", "Test"}
    events = pipeline.events(execution)
    sent = [parsed(event["time"]) for _, event in events]
    late = [at - time for (at, _), time in zip(events, sent, strict=True)]
    # An event's time is in whole seconds, so an event can appear to arrive up to a second late.
    assert min(late) > -1
    aws.at_most("event_latency", min(late), 2)
    aws.at_most("event_spread", max(late), 11)
    end = max(sent)
    aws.duration("end_visible_after", max(0.0, seen - end))


def parsed(text):
    return datetime.fromisoformat(text).timestamp()


@pytest.mark.rule("V4")
def test_a_stop_and_a_retry_send_events(aws):
    pipeline = Pipeline(aws, stage("Go", work()), heard=True)
    execution = pipeline.start()
    pipeline.job()
    pipeline.stop(execution, abandon=True, reason="contract")
    pipeline.ended(execution)
    _, stopped = pipeline.heard(execution, "STOPPED")
    _, abandoned = pipeline.heard(execution, "ABANDONED", "Action")
    pipeline.retry(execution, "Go")
    _, resumed = pipeline.heard(execution, "RESUMED")
    _, stage_resumed = pipeline.heard(execution, "RESUMED", "Stage")

    assert stopped["detail"]["stop-execution-comments"] == "contract"
    assert abandoned["detail"]["action"] == "Work"
    assert resumed["detail"]["pipeline-execution-attempt"] == 2.0
    assert "start-time" not in stage_resumed["detail"]
    assert "stage-last-retry-attempt-time" in stage_resumed["detail"]


EVENT = {
    "id": "1",
    "account": "111122223333",
    "source": "mine",
    "time": "2026-01-05T09:00:00Z",
    "region": "eu-west-1",
    "resources": [],
    "detail-type": "test",
    "detail": {"color": "red", "size": 1, "list": [{"a": 1, "b": 2}]},
}


@pytest.mark.rule("V15")
def test_patterns_match_values_of_the_same_type(aws):
    def matches(**pattern):
        answer = aws.client("events").test_event_pattern(
            EventPattern=json.dumps(pattern), Event=json.dumps(EVENT)
        )
        return answer["Result"]

    assert matches(detail={"color": ["red", "blue"]})
    assert matches(detail={"size": [1.0]})
    assert matches(detail={"list": {"a": [1], "b": [2]}})
    assert matches(detail={"color": [{"prefix": "r"}]})
    assert not matches(detail={"size": ["1"]})
    assert not matches(resources=[{"exists": True}])
    assert not matches(detail={"color": [{"anything-but": "red"}]})


@pytest.mark.rule("V11")
def test_invalid_patterns_are_refused(aws):
    def error(pattern):
        events, event = aws.client("events"), json.dumps(EVENT)
        return refusal(
            lambda: events.test_event_pattern(EventPattern=json.dumps(pattern), Event=event)
        )

    patterns: list[object] = [
        {"source": []},
        {"source": "mine"},
        {"source": [{"like": "aws"}]},
        {"source": [{"prefix": 123}]},
        {"source": [{"wildcard": "a**"}]},
    ]
    for pattern in patterns:
        assert error(pattern) == "InvalidEventPatternException", pattern


@pytest.mark.rule("V14")
def test_invalid_schedules_are_refused(aws):
    def error(expression):
        put = aws.client("events").put_rule
        name = aws.name("schedule")
        return refusal(
            lambda: put(Name=name, ScheduleExpression=expression, State="DISABLED", Tags=aws.tags())
        )

    for expression in (
        " rate(10 minutes)",
        "rate(1 minutes)",
        "rate(0 minutes)",
        "cron(0 0 * * *)",
    ):
        assert error(expression) == "ValidationException", expression
    for expression in ("rate(10 minutes)", "rate(1 minute)", "cron(0 20 * * ? *)"):
        assert error(expression) is None, expression


@pytest.mark.rule("V7")
def test_a_template_with_an_unknown_placeholder_is_refused(aws):
    events, name = aws.client("events"), aws.name("rule")
    pattern = json.dumps({"source": ["mine"]})
    events.put_rule(Name=name, EventPattern=pattern, Tags=aws.tags())
    function = f"arn:aws:lambda:{aws.region}:{aws.account}:function:{shared.recorder(aws)}"
    transformer = {"InputPathsMap": {"color": "$.detail.color"}, "InputTemplate": '"<size>"'}
    target = {"Id": "a", "Arn": function, "InputTransformer": transformer}

    error = refusal(lambda: events.put_targets(Rule=name, Targets=[target]))
    assert error == "ValidationException"


@pytest.mark.rule("V16")
def test_a_rule_starts_a_pipeline(aws):
    pipeline = Pipeline(aws, stage("Go", work()), variables=[variable("Color", "red")])
    arn = f"arn:aws:codepipeline:{aws.region}:{aws.account}:{pipeline.name}"
    may_start = {
        "Effect": "Allow",
        "Action": "codepipeline:StartPipelineExecution",
        "Resource": arn,
    }
    role = shared.role(aws, "starting", {"Service": "events.amazonaws.com"}, may_start)
    events, name = aws.client("events"), aws.name("rule")
    source = aws.name("source")
    pattern = json.dumps({"source": [source]})
    rule = events.put_rule(Name=name, EventPattern=pattern, Tags=aws.tags())["RuleArn"]
    given = json.dumps({"variables": [{"name": "Color", "value": "blue"}]})
    target = {"Id": "a", "Arn": arn, "RoleArn": role, "Input": given}
    aws.accepted(lambda: events.put_targets(Rule=name, Targets=[target]))
    aws.wait(60)  # a new rule takes a while to receive events
    before = {each["pipelineExecutionId"] for each in pipeline.executions()}
    events.put_events(Entries=[{"Source": source, "DetailType": "test", "Detail": "{}"}])

    def started():
        found = {each["pipelineExecutionId"] for each in pipeline.executions()} - before
        return next(iter(found), None)

    shown = pipeline.execution(aws.until(started, what="the rule starts the pipeline"))
    assert shown["trigger"] == {"triggerType": "CloudWatchEvent", "triggerDetail": rule}
    assert shown["variables"] == [{"name": "Color", "resolvedValue": "blue"}]


@pytest.mark.rule("V8", "V10")
def test_a_rule_sends_events_to_another_bus(aws):
    events, bus = aws.client("events"), aws.name("bus")
    to = events.create_event_bus(Name=bus, Tags=aws.tags())["EventBusArn"]
    may_send = {"Effect": "Allow", "Action": "events:PutEvents", "Resource": to}
    role = shared.role(aws, "sending", {"Service": "events.amazonaws.com"}, may_send)
    source = aws.name("source")
    pattern, tags = json.dumps({"source": [source]}), aws.tags()
    first, second = aws.name("rule"), aws.name("rule")
    events.put_rule(Name=first, EventPattern=pattern, Tags=tags)
    target = {"Id": "bus", "Arn": to, "RoleArn": role}
    aws.accepted(lambda: events.put_targets(Rule=first, Targets=[target]))
    place = {"EventBusName": bus}
    arn = events.put_rule(Name=second, EventPattern=pattern, Tags=tags, **place)["RuleArn"]
    shared.record(aws, arn, second, **place)
    aws.wait(60)  # new rules take a while to receive events
    detail = json.dumps({"color": "red"})
    events.put_events(Entries=[{"Source": source, "DetailType": "test", "Detail": detail}])
    found = aws.until(lambda: shared.recorded(aws, source), what="the event arrives")
    ours = events.put_events(Entries=[{"Source": "aws.mine", "DetailType": "test", "Detail": "{}"}])
    full = refusal(lambda: events.delete_event_bus(Name=bus))

    (_, event), *_ = found
    assert (event["detail-type"], event["detail"]) == ("test", {"color": "red"})
    assert ours["Entries"][0]["ErrorCode"] == "NotAuthorizedForSourceException"
    assert full == "ValidationException"
