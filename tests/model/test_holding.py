from __future__ import annotations

import json

import pytest
from botocore.exceptions import ConnectionClosedError

from codepipeline_sandbox.kernel.protocols import MACHINE
from codepipeline_sandbox.kernel.world import TaskKilled
from playground.accounts import REGION, TOOLS
from tests.model.calls import KILLED, LOST, REFUSED, REPEATED, STALE
from tests.model.holding import Holder, NotAsInTheModel

TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "states.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}
WAITS = {
    "QueryLanguage": "JSONata",
    "StartAt": "Wait",
    "States": {"Wait": {"Type": "Wait", "Seconds": 60, "End": True}},
}


@pytest.fixture
def holder(cloud):
    return Holder(cloud, let_pass={"sts:GetCallerIdentity"})


@pytest.fixture
def client(cloud):
    return cloud.session(TOOLS, REGION).client


@pytest.fixture
def machine(client):
    role = client("iam").create_role(RoleName="r", AssumeRolePolicyDocument=json.dumps(TRUST))
    made = client("stepfunctions").create_state_machine(
        name="m", definition=json.dumps(WAITS), roleArn=role["Role"]["Arn"]
    )
    return made["stateMachineArn"]


@pytest.fixture
def start(client, machine):
    def handler():
        client("sts").get_caller_identity()
        begun = client("stepfunctions").start_execution(
            stateMachineArn=machine, name="a", input="{}"
        )
        return client("stepfunctions").describe_execution(executionArn=begun["executionArn"])

    return handler


def runs(client, machine):
    listed = client("stepfunctions").list_executions(stateMachineArn=machine)
    return len(listed["executions"])


def test_a_process_is_held_at_each_call_in_turn(holder, start, client, machine):
    task = holder.start(start)
    assert holder.holds(task) == "stepfunctions:StartExecution"
    assert runs(client, machine) == 0

    holder.release(task, "stepfunctions:StartExecution")
    assert holder.holds(task) == "stepfunctions:DescribeExecution"
    assert runs(client, machine) == 1

    holder.release(task, "stepfunctions:DescribeExecution")
    assert holder.holds(task) == ""
    assert task.outcome.result()["status"] == "RUNNING"


def test_two_processes_are_held_at_their_calls_independently(holder, start, client, machine):
    first, second = holder.start(start), holder.start(start)

    holder.release(second, "stepfunctions:StartExecution")

    assert holder.holds(first) == "stepfunctions:StartExecution"
    assert holder.holds(second) == "stepfunctions:DescribeExecution"


@pytest.mark.parametrize(
    "fault, begun, error",
    [
        (REFUSED, 0, ConnectionClosedError),
        (LOST, 1, ConnectionClosedError),
        (KILLED, 1, TaskKilled),
    ],
)
def test_each_fault_has_its_documented_effect(holder, start, client, machine, fault, begun, error):
    task = holder.start(start)

    holder.release(task, "stepfunctions:StartExecution", fault)

    assert runs(client, machine) == begun
    with pytest.raises(error):
        task.outcome.result()


def test_the_sdk_retries_a_call_that_already_took_effect(holder, start, client, machine):
    task = holder.start(start)

    holder.release(task, "stepfunctions:StartExecution", REPEATED)

    # The second start has the same name and input, so it starts nothing.
    assert runs(client, machine) == 1
    assert holder.holds(task) == "stepfunctions:DescribeExecution"


@pytest.mark.parametrize("seconds, before", [(0, "ExecutionDoesNotExist"), (61, "RUNNING")])
def test_a_stale_read_returns_the_previous_state(holder, start, world, seconds, before):
    task = holder.start(start)
    holder.release(task, "stepfunctions:StartExecution")
    world.run(until=world.now + seconds)

    holder.release(task, "stepfunctions:DescribeExecution", STALE)

    if seconds:
        assert task.outcome.result()["status"] == before
    else:
        with pytest.raises(Exception, match=before):
            task.outcome.result()


def test_a_call_that_the_model_does_not_make_is_reported(holder, start):
    task = holder.start(start)

    with pytest.raises(NotAsInTheModel, match=r"s3:PutObject.*stepfunctions:StartExecution"):
        holder.release(task, "s3:PutObject")


def test_calls_of_other_processes_are_not_held(holder, cloud, start):
    task = cloud.world.spawn(start)

    cloud.world.run_until(lambda: not task.alive)

    assert task.outcome.result()["status"] == "RUNNING"


def test_calls_of_other_processes_are_held_on_request(cloud, start):
    holder = Holder(cloud, also=lambda call: call.operation == "DescribeExecution")
    task = cloud.world.spawn(start)

    cloud.world.run_until(lambda: holder.others() != [])

    assert holder.others() == [task]
    assert holder.holds(task) == "stepfunctions:DescribeExecution"
    assert holder.request(task)["executionArn"].endswith(":a")


def test_a_killed_process_is_no_longer_held(holder, start):
    task = holder.start(start)

    task.kill()

    assert holder.holds(task) == ""


def test_a_repeated_call_by_a_state_machine_takes_effect_twice(cloud, client, machine):
    holder = Holder(cloud)

    def begin():
        cloud.world.task.caller = f"{MACHINE}m"
        return client("stepfunctions").start_execution(stateMachineArn=machine)

    task = holder.start(begin)
    holder.release(task, "stepfunctions:StartExecution", REPEATED)

    assert runs(client, machine) == 2
