import json

import pytest
from botocore.exceptions import ClientError

from codepipeline_sandbox.cloudformation import deploy
from codepipeline_sandbox.faults import DeliveryFault

HERE, REGION = "111122223333", "eu-west-1"


@pytest.fixture
def schedule(client, role, machine):
    def create(expression, *, target=None, **settings):
        role_arn = role("scheduler.amazonaws.com", "states:StartExecution", machine.arn)
        client("scheduler").create_schedule(
            Name="schedule",
            ScheduleExpression=expression,
            FlexibleTimeWindow={"Mode": "OFF"},
            Target={"Arn": machine.arn, "RoleArn": role_arn, "Input": '{"n": 1}', **(target or {})},
            **settings,
        )

    return create


def test_a_daily_schedule_starts_an_execution_each_day(cloud, schedule, machine):
    schedule("cron(0 10 * * ? *)", target={"Input": '{"at": "<aws.scheduler.scheduled-time>"}'})

    cloud.world.sleep(2 * 86400)

    assert machine.inputs() == [{"at": "2026-01-05T10:00:00Z"}, {"at": "2026-01-06T10:00:00Z"}]


@pytest.mark.rule("F13")
@pytest.mark.parametrize(
    "kind, minutes", [("dropped", []), ("doubled", [0, 0]), ("delayed", [5]), ("reordered", [1])]
)
def test_faults_can_affect_a_schedules_deliveries(cloud, schedule, machine, kind, minutes):
    began = round(cloud.world.now)
    schedule("at(2026-01-05T10:00:00)", target={"Input": '"<aws.scheduler.scheduled-time>"'})
    seconds = {"doubled": 1, "delayed": 300}.get(kind)
    cloud.faults.add(DeliveryFault(kind, "schedule", account=HERE, seconds=seconds))

    cloud.world.sleep(2 * 3600)

    started = [execution["startDate"].timestamp() - began for execution in machine.executions()]
    assert [int(start - 3600) // 60 for start in started] == minutes
    assert machine.inputs() == ["2026-01-05T10:00:00Z"] * len(minutes)


def test_a_schedule_alone_does_not_keep_the_world_busy(cloud, schedule, machine):
    schedule("rate(1 minute)")

    cloud.world.run()

    assert machine.inputs() == []


def test_context_attributes_in_the_input_are_replaced(cloud, schedule, machine):
    names = ("schedule-arn", "execution-id", "attempt-number", "scheduled-time")
    text = json.dumps({name: f"<aws.scheduler.{name}>" for name in names})
    schedule("at(2026-01-05T12:00:00)", target={"Input": text})

    cloud.world.sleep(86400)

    (got,) = machine.inputs()
    assert got["schedule-arn"] == f"arn:aws:scheduler:{REGION}:{HERE}:schedule/default/schedule"
    assert got["attempt-number"] == "1"
    assert got["scheduled-time"] == "2026-01-05T12:00:00Z"
    assert "<" not in got["execution-id"]


def test_a_schedule_fires_in_its_time_zone(cloud, schedule, machine):
    schedule(
        "cron(0 9 * * ? *)",
        ScheduleExpressionTimezone="America/New_York",
        target={"Input": '"<aws.scheduler.scheduled-time>"'},
    )

    cloud.world.sleep(86400)

    assert machine.inputs() == ["2026-01-05T14:00:00Z"]


def test_a_disabled_schedule_starts_nothing(cloud, schedule, machine):
    schedule("rate(1 hour)", State="DISABLED")

    cloud.world.sleep(86400)

    assert machine.inputs() == []


@pytest.mark.rule("V14")
def test_a_rate_without_a_start_date_fires_when_the_schedule_is_created(cloud, schedule, machine):
    schedule("rate(1 hour)", target={"Input": '"<aws.scheduler.scheduled-time>"'})

    cloud.world.sleep(2 * 3600 + 60)

    assert machine.inputs() == [f"2026-01-05T{hour}:00:00Z" for hour in ("09", "10", "11")]


def test_a_deleted_schedule_starts_nothing(cloud, client, schedule, machine):
    schedule("rate(1 hour)")
    client("scheduler").delete_schedule(Name="schedule")

    cloud.world.sleep(86400)

    assert machine.inputs() == []


def test_a_schedule_fires_only_between_its_start_and_end(cloud, schedule, machine):
    now = cloud.world.datetime()
    schedule(
        "rate(1 hour)",
        StartDate=now.replace(hour=12),
        EndDate=now.replace(hour=14),
        target={"Input": '"<aws.scheduler.scheduled-time>"'},
    )

    cloud.world.sleep(86400)

    assert machine.inputs() == [f"2026-01-05T{hour}:00:00Z" for hour in (12, 13, 14)]


def test_a_universal_target_can_set_the_executions_name(cloud, client, schedule, machine):
    request = {"StateMachineArn": machine.arn, "Name": "once", "Input": '{"n": 2}'}
    schedule(
        "rate(1 hour)",
        target={
            "Arn": "arn:aws:scheduler:::aws-sdk:sfn:startExecution",
            "Input": json.dumps(request),
        },
    )

    cloud.world.sleep(2 * 3600)

    found = client("stepfunctions").list_executions(stateMachineArn=machine.arn)["executions"]
    assert [execution["name"] for execution in found] == ["once"]
    assert "ExecutionAlreadyExists" in cloud.events.undelivered[0].reason


@pytest.mark.parametrize(
    "given, reason",
    [
        ({"StateMachineArn": "nope"}, "InvalidArn: Invalid Arn: 'nope'"),
        ({"StateMachineArn": 5}, "SerializationException: "),
        ({"Input": {"n": 1}}, "SerializationException: "),
        ({"Name": ["once"]}, "SerializationException: "),
        ({"Input": "no json"}, "InvalidExecutionInput: "),
    ],
)
def test_a_start_refused_by_step_functions_starts_nothing(cloud, schedule, machine, given, reason):
    text = json.dumps({"StateMachineArn": machine.arn, **given})
    arn = "arn:aws:scheduler:::aws-sdk:sfn:startExecution"
    schedule("at(2026-01-05T12:00:00)", target={"Arn": arn, "Input": text})

    cloud.world.sleep(86400)

    assert machine.inputs() == []
    (lost,) = cloud.events.undelivered
    assert lost.reason.startswith(reason)


def test_a_schedule_can_delete_itself_when_it_is_done(cloud, client, schedule, machine):
    schedule("at(2026-01-05T12:00:00)", ActionAfterCompletion="DELETE")

    cloud.world.sleep(86400)

    assert machine.inputs() == [{"n": 1}]
    assert client("scheduler").list_schedules()["Schedules"] == []


def test_throttled_starts_are_retried_within_the_retry_policy(cloud, schedule):
    times = []

    class Throttled:
        def start(self, *_):
            from moto.core.exceptions import JsonRESTError  # noqa: PLC0415 - slow to import

            times.append(cloud.world.now)
            raise JsonRESTError("ThrottlingException", "Rate exceeded")

    cloud.state_machines = Throttled()
    schedule("at(2026-01-05T12:00:00)", target={"RetryPolicy": {"MaximumRetryAttempts": 3}})

    cloud.world.sleep(86400)

    assert [time - times[0] for time in times] == [0, 1, 3, 7]
    assert "ThrottlingException" in cloud.events.undelivered[0].reason


def test_a_role_that_lost_its_permission_starts_nothing(cloud, client, schedule, machine):
    schedule("rate(1 hour)")
    client("iam").delete_role_policy(RoleName="role", PolicyName="p")

    cloud.world.sleep(3600)

    assert machine.inputs() == []
    assert "states:StartExecution" in cloud.events.undelivered[0].reason


def test_a_role_that_lost_its_trust_starts_nothing(cloud, client, schedule, machine):
    schedule("rate(1 hour)")
    other = {"Service": "ec2.amazonaws.com"}
    trust = {"Effect": "Allow", "Principal": other, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    client("iam").update_assume_role_policy(RoleName="role", PolicyDocument=document)

    cloud.world.sleep(3600)

    assert machine.inputs() == []
    assert "allow AWS EventBridge Scheduler to assume" in cloud.events.undelivered[0].reason


@pytest.mark.rule("V19")
def test_a_role_can_trust_one_group_of_schedules(cloud, client, schedule, machine):
    schedule("cron(0 10 * * ? *)")
    source = {"aws:SourceArn": f"arn:aws:scheduler:{REGION}:{HERE}:schedule-group/default"}
    trust = {
        "Effect": "Allow",
        "Principal": {"Service": "scheduler.amazonaws.com"},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": source},
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    client("iam").update_assume_role_policy(RoleName="role", PolicyDocument=document)
    given = client("scheduler").get_schedule(Name="schedule")
    kept = ("Name", "ScheduleExpression", "FlexibleTimeWindow", "Target")
    client("scheduler").create_schedule_group(Name="other")

    cloud.world.sleep(2 * 3600)

    assert machine.inputs() == [{"n": 1}]
    with pytest.raises(ClientError, match="assume the role"):
        client("scheduler").create_schedule(
            **{name: given[name] for name in kept}, GroupName="other"
        )


@pytest.mark.parametrize(
    "expression, target, message",
    [
        ("cron(0 9 * * *)", {}, r"Invalid Schedule Expression cron\(0 9 \* \* \*\)\.$"),
        (" rate(1 hour)", {}, r"Invalid Schedule Expression  rate\(1 hour\)\.$"),
        ("rate(1 hour)", {"Arn": "nope"}, "Provided Arn is not in correct format"),
        ("rate(1 hour)", {"Arn": "arn:aws:states"}, "Provided Arn is not in correct format"),
        ("rate(1 hour)", {"RoleArn": "nope"}, "Provided Arn is not in correct format"),
        ("rate(1 hour)", {"Input": "no json"}, "valid JSON"),
        (
            "rate(1 hour)",
            {"Arn": "arn:aws:scheduler:::aws-sdk:sfn:startExecution", "Input": "[]"},
            "StateMachineArn",
        ),
        (
            "rate(1 hour)",
            {"DeadLetterConfig": {"Arn": f"arn:aws:sqs:{REGION}:{HERE}:queue"}},
            "DeadLetterConfig",
        ),
        ("rate(1 hour)", {"Arn": f"arn:aws:sqs:{REGION}:{HERE}:queue"}, "does not support"),
        ("rate(1 hour)", {"RoleArn": f"arn:aws:iam::{HERE}:role/states"}, "assume the role"),
    ],
)
def test_invalid_schedules_are_refused(schedule, expression, target, message):
    with pytest.raises(ClientError, match=message):
        schedule(expression, target=target)


def test_a_stack_can_have_a_schedule(cloud, role, machine, tmp_path, client):
    role_arn = role("scheduler.amazonaws.com", "states:StartExecution", machine.arn)
    template = {
        "Resources": {
            "Nightly": {
                "Type": "AWS::Scheduler::Schedule",
                "Properties": {
                    "ScheduleExpression": "cron(0 10 * * ? *)",
                    "ScheduleExpressionTimezone": "UTC",
                    "FlexibleTimeWindow": {"Mode": "OFF"},
                    "Target": {"Arn": machine.arn, "RoleArn": role_arn, "Input": '{"n": 3}'},
                },
            }
        }
    }
    (tmp_path / "template.json").write_text(json.dumps(template))
    stack = deploy(cloud, tmp_path / "template.json", HERE, REGION, "stack")
    assert stack.resource("Nightly").startswith("stack-Nightly-")

    cloud.world.sleep(86400)
    stack.delete()
    cloud.world.sleep(86400)

    assert machine.inputs() == [{"n": 3}]
    assert client("scheduler").list_schedules()["Schedules"] == []
