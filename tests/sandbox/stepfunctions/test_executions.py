import json
from datetime import timedelta

import pytest

from codepipeline_sandbox.stepfunctions import settings
from tests.sandbox.refused import error_code

WAIT = {"Wait": {"Type": "Wait", "Seconds": 60, "End": True}}


@pytest.mark.rule("N4")
def test_the_same_name_and_input_return_the_running_execution(isolated_stepfunctions, sfn, machine):
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


@pytest.mark.rule("N4")
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


@pytest.mark.rule("N3")
def test_a_stop_without_a_reason_has_no_error_or_cause(
    isolated_stepfunctions, sfn, machine, follow
):
    # given
    arn = sfn.start_execution(stateMachineArn=machine(WAIT))["executionArn"]
    isolated_stepfunctions.world.sleep(10)

    # when
    sfn.stop_execution(executionArn=arn)

    # then
    end = follow(arn)
    assert end.status == "ABORTED"
    assert not {"error", "cause"} & end.described.keys()
    assert end.events[-1] == {
        "id": 3,
        "previousEventId": 0,
        "timestamp": end.described["stopDate"],
        "type": "ExecutionAborted",
        "executionAbortedEventDetails": {},
    }


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


@pytest.mark.rule("N5")
def test_a_list_can_lag_behind_the_execution(isolated_stepfunctions, sfn, machine):
    # given
    settings.use(settings.Settings(lists_lag=10))
    world, arn = isolated_stepfunctions.world, machine(WAIT)

    def listed(**query):
        return sfn.list_executions(stateMachineArn=arn, **query)["executions"]

    # when
    execution = sfn.start_execution(stateMachineArn=arn)["executionArn"]
    world.sleep(9)
    at_first = listed()
    world.sleep(2)
    started = listed()
    stopped = sfn.stop_execution(executionArn=execution)["stopDate"]
    world.sleep(9)
    soon, soon_aborted = listed(), listed(statusFilter="ABORTED")
    (still_running,) = listed(statusFilter="RUNNING")
    world.sleep(2)
    (later,) = listed(statusFilter="ABORTED")

    # then the list lags behind, but DescribeExecution does not
    assert (at_first, soon_aborted) == ([], [])
    assert started == soon == [still_running]
    assert (still_running["status"], "stopDate" in still_running) == ("RUNNING", False)
    assert (later["status"], later["stopDate"]) == ("ABORTED", stopped)
    assert sfn.describe_execution(executionArn=execution)["status"] == "ABORTED"


@pytest.mark.rule("N5")
def test_a_list_is_current_by_default(sfn, machine):
    # given
    arn = machine(WAIT)
    execution = sfn.start_execution(stateMachineArn=arn)["executionArn"]

    # when
    sfn.stop_execution(executionArn=execution)

    # then
    (listed,) = sfn.list_executions(stateMachineArn=arn)["executions"]
    assert listed["status"] == "ABORTED"


@pytest.mark.rule("N6")
def test_the_machine_of_an_execution_has_the_date_of_its_latest_update(
    isolated_stepfunctions, sfn, machine
):
    # given a machine that is updated 50 and 150 seconds after its creation
    arn, world = machine(WAIT), isolated_stepfunctions.world
    created = sfn.describe_state_machine(stateMachineArn=arn)["creationDate"]

    def start():
        world.sleep(50)
        return sfn.start_execution(stateMachineArn=arn)["executionArn"]

    def update():
        sfn.update_state_machine(stateMachineArn=arn, tracingConfiguration={"enabled": False})

    # when
    first = start()
    update()
    second = start()
    world.sleep(50)
    update()

    # then
    dates = [
        sfn.describe_state_machine_for_execution(executionArn=each)["updateDate"]
        for each in (first, second)
    ]
    assert dates == [created, created + timedelta(seconds=50)]


@pytest.mark.rule("N6")
def test_metadata_only_omits_the_data(isolated_stepfunctions, sfn, machine, task):
    # given one execution that succeeded and one that failed
    arn = machine({"A": {"Type": "Pass", "End": True}})
    bad = machine({"A": {"Type": "Fail", "Error": "E", "Cause": "C"}}, name="Bad")
    good, failed = (
        sfn.start_execution(stateMachineArn=each, name="one")["executionArn"] for each in (arn, bad)
    )
    isolated_stepfunctions.world.run()
    only = {"includedData": "METADATA_ONLY"}

    # when
    described = [sfn.describe_execution(executionArn=each, **only) for each in (good, failed)]
    machines = [
        sfn.describe_state_machine(stateMachineArn=arn, **only),
        sfn.describe_state_machine_for_execution(executionArn=good, **only),
    ]

    # then
    assert [each["status"] for each in described] == ["SUCCEEDED", "FAILED"]
    assert not any({"input", "output", "error", "cause"} & each.keys() for each in described)
    assert [(each["name"], each["definition"]) for each in machines] == [("Machine", "{}")] * 2


@pytest.mark.rule("N7")
@pytest.mark.parametrize(
    "call",
    [
        lambda sfn: sfn.test_state(definition="{}"),
        lambda sfn: sfn.start_sync_execution(
            stateMachineArn="arn:aws:states:eu-west-1:111122223333:stateMachine:Machine"
        ),
    ],
)
def test_an_operation_at_the_host_for_synchronous_calls_is_refused_by_name(sfn, call):
    with pytest.raises(sfn.exceptions.ClientError) as refused:
        call(sfn)

    response = refused.value.response
    assert response["Error"]["Code"] == "ValidationException"
    assert response["Error"]["Message"] == (
        f"The sandbox does not support the operation {refused.value.operation_name}"
    )
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert response["ResponseMetadata"]["RetryAttempts"] == 0


def test_every_status_change_sends_an_event(isolated_stepfunctions, run):
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


@pytest.mark.rule("N4")
def test_an_identical_machine_is_returned_but_different_whitespace_is_refused(sfn):
    # given
    text = '{"QueryLanguage":"JSONata","StartAt":"A","States":{"A":{"Type":"Succeed"}}}'
    role = "arn:aws:iam::111122223333:role/Machine"

    def create(definition):
        return sfn.create_state_machine(name="M", definition=definition, roleArn=role)

    # when / then
    assert create(text)["stateMachineArn"] == create(text)["stateMachineArn"]
    with pytest.raises(sfn.exceptions.StateMachineAlreadyExists):
        create(text.replace(",", ", "))


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
    # given an error inside a sandbox service
    isolated_stepfunctions.functions = None
    arn = sfn.start_execution(stateMachineArn=machine({"Do": task("f")}))["executionArn"]

    # when
    with pytest.raises(AttributeError, match="'invoke'"):
        isolated_stepfunctions.world.run()

    # then
    end = sfn.describe_execution(executionArn=arn)
    assert (end["status"], end["error"]) == ("FAILED", "SandboxBroken")
