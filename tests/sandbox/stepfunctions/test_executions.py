"""The API operations for executions: start, describe, list and stop."""

import json

import pytest

from tests.sandbox.refused import error_code

WAIT = {"Wait": {"Type": "Wait", "Seconds": 60, "End": True}}


def test_the_same_name_and_input_finds_the_running_execution(isolated_stepfunctions, sfn, machine):
    # given
    arn = machine(WAIT)
    first = sfn.start_execution(stateMachineArn=arn, name="one", input='{"a": 1}')
    isolated_stepfunctions.world.sleep(30)

    # when
    again = sfn.start_execution(stateMachineArn=arn, name="one", input='{"a": 1}')

    # then
    assert first["executionArn"] == again["executionArn"]
    assert first["startDate"] == again["startDate"]
    assert first["executionArn"].endswith(":execution:Machine:one")


def test_the_same_name_with_other_input_or_after_the_end_is_refused(
    isolated_stepfunctions, sfn, machine
):
    # given
    arn = machine(WAIT)
    sfn.start_execution(stateMachineArn=arn, name="one", input="{}")

    # when / then
    other = error_code(sfn.start_execution, stateMachineArn=arn, name="one", input='{"a": 1}')
    isolated_stepfunctions.world.run()
    same = error_code(sfn.start_execution, stateMachineArn=arn, name="one", input="{}")
    assert (other, same) == ("ExecutionAlreadyExists", "ExecutionAlreadyExists")


@pytest.mark.parametrize("name", ["a b", "a\tb", "a/b", "a:b", "a$b", "a\x01b", "ä{", "a\u00a0b"])
def test_a_name_with_a_forbidden_character_is_refused(sfn, machine, name):
    assert (
        error_code(sfn.start_execution, stateMachineArn=machine(WAIT), name=name) == "InvalidName"
    )


def test_requests_are_checked_against_the_api_model(sfn, machine):
    # given
    arn = machine(WAIT)

    # when / then
    for parameters in ({"name": "x" * 81}, {"input": json.dumps("x" * 262_144)}):
        code = error_code(sfn.start_execution, stateMachineArn=arn, **parameters)
        assert code == "ValidationException"
    listing = {"stateMachineArn": arn, "statusFilter": "DONE"}
    assert error_code(sfn.list_executions, **listing) == "ValidationException"


def test_input_that_is_not_json_is_refused(sfn, machine):
    code = error_code(sfn.start_execution, stateMachineArn=machine(WAIT), input="{not}")
    assert code == "InvalidExecutionInput"


def test_without_a_name_an_execution_has_a_uuid(sfn, machine):
    # when
    arn = sfn.start_execution(stateMachineArn=machine(WAIT))["executionArn"]

    # then
    assert len(arn.rsplit(":", 1)[-1]) == 36


def test_unknown_executions_and_machines_are_reported_as_missing(
    isolated_stepfunctions, sfn, machine
):
    # given
    machine_arn = machine(WAIT)
    other = isolated_stepfunctions.session("222233334444", "eu-west-1").client("stepfunctions")
    missing = machine_arn.replace(":stateMachine:", ":execution:") + ":none"

    # when / then
    for client in (sfn, other):
        assert (
            error_code(client.describe_execution, executionArn=missing) == "ExecutionDoesNotExist"
        )
    assert error_code(other.start_execution, stateMachineArn=machine_arn) == (
        "StateMachineDoesNotExist"
    )
    assert error_code(sfn.start_execution, stateMachineArn="arn:aws:x") == "InvalidArn"


def test_describe_execution_shows_all_members(isolated_stepfunctions, sfn, machine, follow):
    # given
    arn = sfn.start_execution(
        stateMachineArn=machine(WAIT), name="one", input='{ "a":1 }', traceHeader="Root=1"
    )["executionArn"]

    # when
    running = follow(arn).described
    isolated_stepfunctions.world.run()
    ended = follow(arn).described

    # then
    for described in (running, ended):
        del described["ResponseMetadata"]
    assert running == {
        "executionArn": arn,
        "stateMachineArn": "arn:aws:states:eu-west-1:111122223333:stateMachine:Machine",
        "name": "one",
        "status": "RUNNING",
        "startDate": running["startDate"],
        "input": '{ "a":1 }',
        "inputDetails": {"included": True},
        "traceHeader": "Root=1",
        "redriveCount": 0,
        "redriveStatus": "NOT_REDRIVABLE",
        "redriveStatusReason": "Execution is RUNNING and cannot be redriven",
    }
    assert (ended["status"], ended["output"]) == ("SUCCEEDED", '{"a":1}')
    assert (ended["stopDate"] - ended["startDate"]).total_seconds() == 60


@pytest.mark.parametrize("stopped_in", ["wait", "task", "retry"])
def test_stopping_ends_an_execution_immediately(
    isolated_stepfunctions, sfn, machine, task, follow, stopped_in
):
    # given
    def busy(_):
        raise KeyError("k")

    isolated_stepfunctions.functions.handlers["task"] = lambda _: (
        isolated_stepfunctions.world.sleep(600)
    )
    isolated_stepfunctions.functions.handlers["retry"] = busy
    retry = [{"ErrorEquals": ["KeyError"], "IntervalSeconds": 600}]
    states = WAIT if stopped_in == "wait" else {"Do": task(stopped_in, Retry=retry)}
    arn = sfn.start_execution(stateMachineArn=machine(states))["executionArn"]
    isolated_stepfunctions.world.sleep(10)

    # when
    stopped = sfn.stop_execution(executionArn=arn, error="Enough", cause="by hand")
    events = len(follow(arn).events)
    isolated_stepfunctions.world.run()

    # then
    end = follow(arn)
    assert (end.status, end.error, end.cause) == ("ABORTED", "Enough", "by hand")
    assert (end.seconds, end.described["stopDate"]) == (10, stopped["stopDate"])
    assert (end.types[-1], len(end.events)) == ("ExecutionAborted", events)
    assert end.events[-1]["previousEventId"] == 0


def test_a_stop_takes_effect_before_the_first_state_but_not_after_the_end(
    isolated_stepfunctions, sfn, machine, follow
):
    # given
    arn = sfn.start_execution(stateMachineArn=machine(WAIT))["executionArn"]

    # when the execution is stopped before its first state
    sfn.stop_execution(executionArn=arn)
    isolated_stepfunctions.world.sleep(5)
    sfn.stop_execution(executionArn=arn, error="Later")

    # then
    end = follow(arn)
    assert end.types == ["ExecutionStarted", "ExecutionAborted"]
    assert (end.error, end.seconds, end.details[-1]) == (None, 0, {})


def test_a_function_may_stop_the_execution_that_invoked_it(
    isolated_stepfunctions, sfn, machine, task, follow
):
    # given
    done = []

    def handler(event):
        sfn.stop_execution(executionArn=event["run"])
        done.append(event["run"])

    isolated_stepfunctions.functions.handlers["f"] = handler
    states = {"Do": task("f", {"run": "{% $states.context.Execution.Id %}"})}
    arn = sfn.start_execution(stateMachineArn=machine(states))["executionArn"]

    # when
    isolated_stepfunctions.world.run()

    # then
    assert (follow(arn).status, done) == ("ABORTED", [arn])


def test_executions_are_listed_newest_first_in_pages(isolated_stepfunctions, sfn, machine):
    # given
    arn = machine(WAIT)
    for name in ("a", "b", "c"):
        sfn.start_execution(stateMachineArn=arn, name=name)
        isolated_stepfunctions.world.sleep(25)

    # when
    first = sfn.list_executions(stateMachineArn=arn, maxResults=2)
    sfn.start_execution(stateMachineArn=arn, name="d")
    second = sfn.list_executions(stateMachineArn=arn, nextToken=first["nextToken"])

    # then
    assert [one["name"] for one in first["executions"]] == ["c", "b"]
    assert [one["name"] for one in second["executions"]] == ["a"]
    ended = sfn.list_executions(stateMachineArn=arn, statusFilter="SUCCEEDED")["executions"]
    assert [one["name"] for one in ended] == ["a"]
    invalid = {"stateMachineArn": arn, "nextToken": "x"}
    assert error_code(sfn.list_executions, **invalid) == "InvalidToken"


def test_every_change_of_status_is_put_on_the_bus(isolated_stepfunctions, run):
    # when
    end = run({"No": {"Type": "Fail", "Error": "E", "Cause": "C"}}, {"a": 1})

    # then
    (_, _, running), (account, region, failed) = isolated_stepfunctions.events.put_events
    assert (account, region) == ("111122223333", "eu-west-1")
    assert running["detail"]["status"] == "RUNNING"
    assert running["detail"]["stopDate"] is None
    assert failed == {
        "source": "aws.states",
        "detail-type": "Step Functions Execution Status Change",
        "resources": [end.arn],
        "detail": {
            "executionArn": end.arn,
            "stateMachineArn": "arn:aws:states:eu-west-1:111122223333:stateMachine:Machine",
            "stateMachineVersionArn": None,
            "stateMachineAliasArn": None,
            "name": end.arn.rsplit(":", 1)[-1],
            "status": "FAILED",
            "startDate": 1_767_603_600_000,
            "stopDate": 1_767_603_600_000,
            "input": '{"a": 1}',
            "inputDetails": {"included": True},
            "output": None,
            "outputDetails": None,
            "error": "E",
            "cause": "C",
            "redriveCount": 0,
            "redriveDate": None,
            "redriveStatus": "REDRIVABLE",
            "redriveStatusReason": None,
        },
    }


def test_large_data_is_left_out_of_the_event(isolated_stepfunctions, run):
    # when
    run({"Done": {"Type": "Succeed"}}, {"a": "x" * 130_000})

    # then
    detail = isolated_stepfunctions.events.put_events[-1][2]["detail"]
    assert (detail["input"], detail["output"]) == (None, None)
    assert detail["inputDetails"] == detail["outputDetails"] == {"included": False}


def test_unsupported_requests_are_refused(sfn, machine):
    # given
    arn = machine(WAIT)
    definition = sfn.describe_state_machine(stateMachineArn=arn)["definition"]
    role = "arn:aws:iam::111122223333:role/Machine"
    new = {"name": "New", "definition": definition, "roleArn": role}

    # when / then
    assert error_code(sfn.create_activity, name="a") == "ValidationException"
    assert error_code(sfn.create_state_machine, **new, type="EXPRESS") == "ValidationException"
    assert error_code(sfn.create_state_machine, **new, publish=True) == "ValidationException"
    taken = {**new, "name": "Machine", "roleArn": f"{role}2"}
    assert error_code(sfn.create_state_machine, **taken) == "StateMachineAlreadyExists"


def test_creating_an_identical_machine_returns_the_existing_one_which_can_be_tagged_and_listed(
    sfn, machine
):
    # when
    arn = machine(WAIT)
    again = machine(WAIT)
    sfn.tag_resource(resourceArn=arn, tags=[{"key": "a", "value": "b"}])

    # then
    assert arn == again
    assert [one["name"] for one in sfn.list_state_machines()["stateMachines"]] == ["Machine"]
    assert sfn.list_tags_for_resource(resourceArn=arn)["tags"] == [{"key": "a", "value": "b"}]


def test_an_execution_broken_by_a_sandbox_defect_breaks_the_world(
    isolated_stepfunctions, sfn, machine, task
):
    # given a sandbox service with a defect
    isolated_stepfunctions.functions = None
    arn = sfn.start_execution(stateMachineArn=machine({"Do": task("f")}))["executionArn"]

    # when
    with pytest.raises(AttributeError, match="'invoke'"):
        isolated_stepfunctions.world.run()

    # then
    end = sfn.describe_execution(executionArn=arn)
    assert (end["status"], end["error"]) == ("FAILED", "SandboxBroken")
