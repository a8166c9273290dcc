"""Rules and schedules that start pipelines directly."""

import json
from types import SimpleNamespace

import pytest
from botocore.exceptions import ClientError

from codepipeline_sandbox.cloudformation import deploy
from codepipeline_sandbox.codepipeline import Settings, settings
from codepipeline_sandbox.pipelines import SOURCE_STAGE, pipeline_role

HERE, REGION = "111122223333", "eu-west-1"
ARN = f"arn:aws:codepipeline:{REGION}:{HERE}:app"
RULE = f"arn:aws:events:{REGION}:{HERE}:rule/start"
APPROVE = {"category": "Approval", "owner": "AWS", "provider": "Manual", "version": "1"}
NOTHING = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "codepipeline:*", "Resource": "*"}],
}


@pytest.fixture
def pipeline(cloud, client):
    """A pipeline that waits for an approval. `starts()` lists its executions, oldest first."""
    codepipeline = client("codepipeline")
    codepipeline.create_pipeline(
        pipeline={
            "name": "app",
            "pipelineType": "V2",
            "executionMode": "QUEUED",
            "roleArn": pipeline_role(cloud, HERE, NOTHING),
            "artifactStore": {"type": "S3", "location": "artifacts"},
            "variables": [{"name": "REVISION", "defaultValue": "none"}],
            "stages": [
                SOURCE_STAGE,
                {"name": "Go", "actions": [{"name": "Approve", "actionTypeId": APPROVE}]},
            ],
        }
    )

    def starts():
        found = codepipeline.list_pipeline_executions(pipelineName="app")
        return [
            codepipeline.get_pipeline_execution(
                pipelineName="app", pipelineExecutionId=each["pipelineExecutionId"]
            )["pipelineExecution"]
            for each in reversed(found["pipelineExecutionSummaries"])
        ]

    return SimpleNamespace(starts=starts)


@pytest.fixture
def rule(client, role):
    def create(action="codepipeline:StartPipelineExecution", resource=ARN, **more):
        events = client("events")
        given = more.pop("rule", {"EventPattern": '{"source": ["mine"]}'})
        events.put_rule(Name="start", **given)
        target = {"Id": "t", "Arn": ARN, "RoleArn": role("events.amazonaws.com", action, resource)}
        events.put_targets(Rule="start", Targets=[{**target, **more}])

    return create


@pytest.fixture
def schedule(client, role):
    def create(action="codepipeline:StartPipelineExecution", resource=ARN, **more):
        role_arn = role("scheduler.amazonaws.com", action, resource)
        client("scheduler").create_schedule(
            Name="start",
            ScheduleExpression="at(2026-01-05T10:00:00)",
            FlexibleTimeWindow={"Mode": "OFF"},
            Target={"Arn": ARN, "RoleArn": role_arn, **more},
        )

    return create


def put(cloud, detail):
    entry = {"Source": "mine", "DetailType": "t", "Detail": json.dumps(detail)}
    cloud.session(HERE, REGION).client("events").put_events(Entries=[entry])
    cloud.world.run(until=cloud.world.now + 60)


@pytest.mark.rule("V16")
def test_a_rule_starts_a_pipeline(cloud, pipeline, rule):
    rule()

    put(cloud, {"variables": "of the event, not of the target's input"})

    (started,) = pipeline.starts()
    assert started["trigger"] == {"triggerType": "CloudWatchEvent", "triggerDetail": RULE}
    assert started["status"] == "InProgress"
    assert cloud.events.undelivered == []


@pytest.mark.rule("V16")
def test_a_scheduled_rule_starts_a_pipeline(cloud, pipeline, rule):
    rule(rule={"ScheduleExpression": "rate(1 hour)"})

    cloud.world.sleep(2 * 3600 + 60)

    assert [start["trigger"]["triggerType"] for start in pipeline.starts()] == [
        "CloudWatchEvent",
        "CloudWatchEvent",
    ]


@pytest.mark.rule("V16")
def test_the_input_of_a_rules_target_has_variables_and_source_revisions(cloud, pipeline, rule):
    template = {
        "variables": [{"name": "REVISION", "value": "<commit>"}],
        "sourceRevisions": [
            {
                "actionName": SOURCE_STAGE["actions"][0]["name"],
                "revisionType": "COMMIT_ID",
                "revisionValue": "<commit>",
            }
        ],
    }
    rule(
        InputTransformer={
            "InputPathsMap": {"commit": "$.detail.commit"},
            "InputTemplate": json.dumps(template),
        }
    )

    put(cloud, {"commit": "c0ffee"})

    (started,) = pipeline.starts()
    assert started["variables"] == [{"name": "REVISION", "resolvedValue": "c0ffee"}]
    assert [each["revisionId"] for each in started["artifactRevisions"]] == ["c0ffee"]


@pytest.mark.rule("V16")
@pytest.mark.parametrize(
    "given, reason",
    [
        ({"variables": [{"name": "NONE", "value": "1"}]}, "does not declare the variables"),
        ({"variables": "REVISION"}, "SerializationException"),
        ({"sourceRevisions": [{"actionName": "x"}]}, "validation errors detected"),
    ],
)
def test_an_input_that_the_pipeline_refuses_is_not_delivered(cloud, pipeline, rule, given, reason):
    rule(Input=json.dumps(given))

    put(cloud, {})

    assert pipeline.starts() == []
    (lost,) = cloud.events.undelivered
    assert (lost.source_arn, lost.target_arn) == (RULE, ARN)
    assert reason in lost.reason


@pytest.mark.rule("V16")
@pytest.mark.parametrize(
    "action, resource",
    [("codepipeline:GetPipeline", ARN), ("codepipeline:StartPipelineExecution", f"{ARN}2")],
)
@pytest.mark.parametrize("by", ["rule", "schedule"])
def test_a_role_that_may_not_start_the_pipeline_starts_nothing(
    request, cloud, pipeline, by, action, resource
):
    request.getfixturevalue(by)(action, resource)

    put(cloud, {})
    cloud.world.sleep(2 * 3600)

    assert pipeline.starts() == []
    (lost,) = cloud.events.undelivered
    assert "codepipeline:StartPipelineExecution" in lost.reason


@pytest.mark.rule("V16")
def test_a_pipeline_that_does_not_exist_is_not_started(cloud, rule):
    rule()

    put(cloud, {})

    (lost,) = cloud.events.undelivered
    assert lost.reason.startswith("PipelineNotFoundException")


@pytest.mark.rule("V16")
def test_a_start_refused_by_a_full_pipeline_is_retried(cloud, client, pipeline, rule):
    settings.use(Settings(concurrent_executions=1))
    first = client("codepipeline").start_pipeline_execution(name="app")["pipelineExecutionId"]
    rule()
    put(cloud, {})
    assert len(pipeline.starts()) == 1

    client("codepipeline").stop_pipeline_execution(
        pipelineName="app", pipelineExecutionId=first, abandon=True
    )
    cloud.world.run(until=cloud.world.now + 600)

    assert len(pipeline.starts()) == 2


@pytest.mark.rule("V16")
@pytest.mark.parametrize(
    "target, message",
    [
        ({"Arn": ARN.replace(HERE, "222233334444")}, "cross-account or cross-Region target"),
        ({"Arn": ARN.replace(REGION, "us-east-1")}, "cross-account or cross-Region target"),
        ({"RoleArn": None}, "RoleArn is required for target"),
    ],
)
def test_a_rule_needs_a_role_and_a_pipeline_of_its_account_and_region(
    client, rule, target, message
):
    rule()
    (given,) = client("events").list_targets_by_rule(Rule="start")["Targets"]
    changed = {name: value for name, value in {**given, **target}.items() if value is not None}

    with pytest.raises(ClientError, match=message):
        client("events").put_targets(Rule="start", Targets=[changed])


@pytest.mark.rule("V16")
def test_a_schedule_starts_a_pipeline(cloud, pipeline, schedule):
    schedule()

    cloud.world.sleep(2 * 3600)

    (started,) = pipeline.starts()
    assert started["trigger"]["triggerType"] == "StartPipelineExecution"
    caller = f"arn:aws:sts::{HERE}:assumed-role/role/"
    assert started["trigger"]["triggerDetail"].startswith(caller)


@pytest.mark.rule("V16")
@pytest.mark.parametrize(
    "target, message",
    [
        ({"Input": "{}"}, "does not support the Input of a pipeline"),
        ({"Arn": ARN.replace(HERE, "222233334444")}, "does not support the target"),
        ({"Arn": ARN.replace(REGION, "us-east-1")}, "does not support the target"),
    ],
)
def test_a_schedule_that_the_sandbox_cannot_run_is_refused(schedule, target, message):
    with pytest.raises(ClientError, match=message):
        schedule(**target)


@pytest.mark.rule("V16")
def test_a_stack_can_have_a_rule_and_a_schedule_that_start_a_pipeline(
    cloud, pipeline, role, tmp_path
):
    start = "codepipeline:StartPipelineExecution"
    on_rule = role("events.amazonaws.com", start, ARN)
    on_schedule = role("scheduler.amazonaws.com", start, ARN, name="scheduler")
    template = {
        "Resources": {
            "Hourly": {
                "Type": "AWS::Events::Rule",
                "Properties": {
                    "ScheduleExpression": "cron(0 10 * * ? *)",
                    "Targets": [{"Id": "t", "Arn": ARN, "RoleArn": on_rule}],
                },
            },
            "Nightly": {
                "Type": "AWS::Scheduler::Schedule",
                "Properties": {
                    "ScheduleExpression": "cron(0 11 * * ? *)",
                    "FlexibleTimeWindow": {"Mode": "OFF"},
                    "Target": {"Arn": ARN, "RoleArn": on_schedule},
                },
            },
        }
    }
    (tmp_path / "template.json").write_text(json.dumps(template))
    deploy(cloud, tmp_path / "template.json", HERE, REGION, "stack")

    cloud.world.sleep(3 * 3600)

    triggers = [start["trigger"]["triggerType"] for start in pipeline.starts()]
    assert triggers == ["CloudWatchEvent", "StartPipelineExecution"]
